// Loads one file in a new process and reports how many milliseconds it took.
import { pathToFileURL } from "node:url";
import { provideCoreModule } from "../../dev/functions-host/core-module.ts";

provideCoreModule();
const file = pathToFileURL(process.argv[2] ?? "").href;
const startedAt = performance.now();
await import(file);
process.send?.(performance.now() - startedAt);
