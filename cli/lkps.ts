/** `npm run lkps -- …`: the command line for owners of agents and client applications, and for operators of LKPS. */
import { enableCompileCache } from "node:module";

// Halves the startup time from the second run on.
enableCompileCache();
const { runCommandLine } = await import("./program.ts");

process.exitCode = await runCommandLine(process.argv.slice(2));
