import { installPackages } from "./install-packages.mjs";
import { examplesDirectory } from "./repository-paths.ts";

// LiveKit's agent framework is larger than everything LKPS needs. No package needs an install script, and none should run
// one unnoticed.
await installPackages(examplesDirectory, "the examples' packages, about 400 MB", "--ignore-scripts");
