/** `npm run lkps -- …`: LKPS for those who own agents and clients, and for those who run it. */
import { runCommandLine } from "./lkps/program.ts";

process.exitCode = await runCommandLine(process.argv.slice(2));
