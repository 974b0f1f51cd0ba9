// Runs a script with the Node version that runs in Azure: `node tools/bootstrap.mjs tools/build.ts`. Installs the packages
// first if the lock file is newer. This file and its imports must run on the machine's own Node without node_modules:
// plain JavaScript and built-in modules only.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { installPackages } from "./install-packages.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = join(root, "node_modules", ".bin");
// On Windows, .bin has a .cmd shim that only a shell can run, and a shell would mangle the arguments.
const node =
  process.platform === "win32" ? join(root, "node_modules", "node", "bin", "node.exe") : join(bin, "node");

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 11)) {
  fail(`LKPS needs Node 20.11 or later to start its tools. This is Node ${process.versions.node}.`);
}
const [script, ...args] = process.argv.slice(2);
if (script === undefined) fail("Usage: node tools/bootstrap.mjs <script> [arguments]");
const ancestors = lineage();
await installPackages(root, "LKPS's packages").catch(({ message }) => fail(message));
if (!existsSync(node)) fail("Node 24 is missing from node_modules. Is npm set to ignore install scripts?");

const env = { ...process.env };
// On Windows the name is Path, and the copy above is case-sensitive.
const path = Object.keys(env).find((name) => name.toUpperCase() === "PATH") ?? "PATH";
env[path] = [bin, env[path]].filter(Boolean).join(delimiter);
const preload = new URL("../dev/exit-with-parent.ts", import.meta.url).href;
const child = spawn(node, ["--import", preload, resolve(root, script), ...args], {
  cwd: root,
  env,
  // Over this channel the tool notices that this process is gone, even after SIGKILL.
  stdio: ["inherit", "inherit", "inherit", "ipc"],
});
process.on("SIGTERM", () => child.kill("SIGTERM"));
process.on("SIGHUP", () => child.kill("SIGTERM"));
process.on("SIGINT", () => {
  // A terminal sends Ctrl-C to the tool as well: both are in its process group.
  if (!process.stdin.isTTY) child.kill("SIGINT");
});
// npm forwards signals, but can't forward its own SIGKILL.
if (process.env["npm_lifecycle_event"] !== undefined) {
  setInterval(() => lineage() === ancestors || child.kill("SIGTERM"), 500).unref();
}
child.on("error", (error) => fail(`${node} could not start: ${error.message}`));
child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal ?? "SIGTERM"]));

/** Identifies the ancestors of this process. npm is often two levels up, with a shell in between. */
function lineage() {
  try {
    const stat = readFileSync(`/proc/${process.ppid}/stat`, "utf8");
    // After the name, which may contain anything, come the state and the parent (proc(5)).
    return `${process.ppid} ${stat.slice(stat.lastIndexOf(")")).split(" ")[2]}`;
  } catch {
    return String(process.ppid);
  }
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  console.error(message);
  process.exit(1);
}
