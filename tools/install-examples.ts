import { join } from "node:path";
import { findMissingPackage, installPackages } from "./bootstrap/packages.mjs";
import { repositoryRoot } from "./repository-paths.ts";

/** The examples have their own packages: LiveKit's agent framework is larger than everything LKPS needs. */
export const examplesDirectory = join(repositoryRoot, "examples");

/**
 * Installs the examples' packages if they are missing or their lock file has changed.
 *
 * @throws with npm's output if that fails
 */
export async function installExamples(): Promise<void> {
  const missing = findMissingPackage(examplesDirectory);
  if (missing === null) return;
  console.log(`Installing the examples' packages, about 400 MB, once (${missing})`);
  // No package needs an install script, and none should run one unnoticed.
  await installPackages(examplesDirectory, "--ignore-scripts");
}
