/**
 * Runs Core Tools as a child process that exits on a message from the parent, so that exit-with-parent.ts
 * works for it, too.
 */
import { spawn } from "node:child_process";
import { CORE_TOOLS } from "./start-func/require-func.ts";

const func = spawn(CORE_TOOLS, process.argv.slice(2), {
  stdio: "inherit",
  shell: process.platform === "win32",
});
process.on("message", () => func.kill("SIGTERM"));
func.on("error", (error) => {
  console.error(error.message);
  process.exit(1);
});
func.on("exit", (code) => process.exit(code ?? 1));
