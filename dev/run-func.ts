/** Runs Core Tools as a child that ends when this process is told to, so that exit-with-parent.ts reaches it too. */
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
