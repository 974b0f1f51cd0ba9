/** `npm run lkps -- …`: the command line for owners of agents and client applications, and for operators of LKPS. */
import module from "node:module";

// Halves the startup time from the second run on.
// Node before 22.1 does not have it.
module.enableCompileCache?.();
process.stdout.on("error", ({ code, message }: NodeJS.ErrnoException) => {
  // Whoever read the output, such as `head`, has seen enough.
  if (code === "EPIPE") return;
  process.stderr.write(`The output could not be written: ${message}.\n`);
  process.exit(2);
});
const { runCommandLine } = await import("./program.ts");

process.exitCode = await runCommandLine(process.argv.slice(2));
