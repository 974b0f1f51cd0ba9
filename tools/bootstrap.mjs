// Runs a TypeScript tool on the Node that production runs: `node tools/bootstrap.mjs tools/X.ts …`.
// This file alone must run on the machine's own Node and with no node_modules: plain JavaScript, built-in modules.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = join(root, "node_modules", ".bin");
// On Windows .bin holds a .cmd shim, which only a shell can run; a shell would mangle arguments.
const node =
  process.platform === "win32" ? join(root, "node_modules", "node", "bin", "node.exe") : join(bin, "node");

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 11)) {
  fail(`LKPS needs Node 20.11 or newer to start its tools; this is Node ${process.versions.node}.`);
}
const [script = "", ...args] = process.argv.slice(2);
if (script === "") fail("Usage: node tools/bootstrap.mjs tools/<tool>.ts [arguments]");

const missing = whatIsMissing();
if (missing !== null) await install(missing);
run();

/** One reason why node_modules is not what package-lock.json says, or null. */
function whatIsMissing() {
  const wanted = readPackages(join(root, "package-lock.json"));
  if (wanted === null) fail("package-lock.json is missing or broken: restore it from git.");
  // npm writes down what it installed in this hidden lock file.
  const installed = readPackages(join(root, "node_modules", ".package-lock.json"));
  if (installed === null) return "node_modules is missing";
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === "" || entry.link) continue;
    const there = installed[path];
    if (there === undefined) {
      // Packages for other platforms are in the lock file too, and never installed here.
      if (entry.optional || entry.devOptional) continue;
      return `${path} is missing`;
    }
    if (there.version !== entry.version || there.name !== entry.name) {
      return `${path} is ${there.version}, not ${entry.version}`;
    }
  }
  return existsSync(node) ? null : "Node 24 is missing from node_modules";
}

/**
 * @param {string} file
 * @returns {Record<string, { name?: string, version?: string, link?: boolean, optional?: boolean, devOptional?: boolean }> | null}
 */
function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages ?? null;
  } catch {
    return null;
  }
}

/**
 * `npm ci`, quietly: npm warns about the machine's older Node, which runs nothing but this file.
 * @param {string} reason
 */
async function install(reason) {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  process.stderr.write(`Installing what package-lock.json lists (${reason}) `);
  // A dot a second: npm itself is silent here for half a minute on a slow line.
  const tick = setInterval(() => process.stderr.write("."), 1_000);
  // Development dependencies hold Node 24 itself, so a NODE_ENV of production must not leave them out.
  const npm = ["ci", "--no-audit", "--no-fund", "--include=dev", "--loglevel=error"];
  const cli = process.env["npm_execpath"];
  const child = cli?.endsWith(".js")
    ? spawn(process.execPath, [cli, ...npm], { cwd: root })
    : spawn("npm", npm, { cwd: root, shell: process.platform === "win32" });
  child.stdin.end();
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  const problem = await new Promise((done) => {
    child.on("error", (error) => done(error.message));
    child.on("close", (code) => done(code === 0 ? null : `it ended with code ${code}`));
  });
  clearInterval(tick);
  process.stderr.write("\n");
  if (problem !== null) fail(`${output}\nnpm ci failed: ${problem}.`);
  const still = whatIsMissing();
  if (still !== null) fail(`${output}\nnpm ci ran, but ${still}. Does your npm ignore install scripts?`);
  console.error(`Installed in ${seconds()} s.`);
}

function run() {
  const env = { ...process.env };
  // Windows spells it Path; the copy above has lost the original's indifference to letter case.
  const path = Object.keys(env).find((name) => name.toUpperCase() === "PATH") ?? "PATH";
  env[path] = [bin, env[path]].filter(Boolean).join(delimiter);
  const preload = new URL("exit-with-parent.ts", import.meta.url).href;
  const child = spawn(node, ["--import", preload, resolve(root, script), ...args], {
    cwd: root,
    env,
    // Over the channel the tool learns that this process is gone, SIGKILL included.
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  process.on("SIGHUP", () => child.kill("SIGTERM"));
  process.on("SIGINT", () => {
    // A terminal's Ctrl-C has reached the tool as well: both are in its process group.
    if (!process.stdin.isTTY) child.kill("SIGINT");
  });
  if (process.env["npm_lifecycle_event"] !== undefined) {
    // npm forwards signals, but it cannot forward its own SIGKILL.
    const before = lineage();
    setInterval(() => lineage() === before || child.kill("SIGTERM"), 500).unref();
  }
  child.on("error", (error) => fail(`${node} does not start: ${error.message}`));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal ?? "SIGTERM"]));
}

/** Who started this process; npm is often two steps up, with a shell in between. */
function lineage() {
  try {
    const stat = readFileSync(`/proc/${process.ppid}/stat`, "utf8");
    // After the name, which may hold anything, come the state and the parent (proc(5)).
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
