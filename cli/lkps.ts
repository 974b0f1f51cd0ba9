/** `npm run lkps -- …`: LKPS for those who own agents and client applications, and for those who run it. */
import { enableCompileCache } from "node:module";

// Halves the wait before the first word, from the second run on.
enableCompileCache();
const { runCommandLine } = await import("./program.ts");

process.exitCode = await runCommandLine(process.argv.slice(2));
