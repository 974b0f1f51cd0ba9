/**
 * Runs a command as a child process that exits on a message from the parent, so that exit-with-parent.ts
 * works for it, too: `node dev/run-command.ts COMMAND [argument …]`.
 */
import { spawn } from "node:child_process";

const KILL_MS = 1_000;
const [command = "", ...args] = process.argv.slice(2);
// On Windows, a command such as func is a script.
const shell = process.platform === "win32" && !command.endsWith(".exe");
const child = spawn(command, args, { stdio: "inherit", shell });
process.on("message", () => {
  child.kill("SIGTERM");
  // livekit-server waits for its rooms to end.
  setTimeout(() => child.kill("SIGKILL"), KILL_MS).unref();
});
child.on("error", (error) => {
  console.error(error.message);
  process.exit(1);
});
child.on("exit", (code) => process.exit(code ?? 1));
