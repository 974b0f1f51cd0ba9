// Like bootstrap.mjs, this must run on the machine's own Node without node_modules.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Returns one way in which a folder's node_modules differs from its package-lock.json, or null.
 *
 * @param {string} folder
 * @returns {string | null}
 * @throws if there is no lock file
 */
export function findMissingPackage(folder) {
  const wanted = readPackages(join(folder, "package-lock.json"));
  if (wanted === null) throw new Error("package-lock.json is missing or broken: restore it from git.");
  // npm records what it installed in this hidden lock file.
  const installed = readPackages(join(folder, "node_modules", ".package-lock.json"));
  if (installed === null) return "node_modules is missing";
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === "" || entry.link) continue;
    const there = installed[path];
    if (there === undefined) {
      // The lock file also lists packages for other platforms, which are never installed here.
      if (entry.optional || entry.devOptional) continue;
      return `${path} is missing`;
    }
    if (there.version !== entry.version || there.name !== entry.name) {
      return `${path} is ${there.version}, not ${entry.version}`;
    }
  }
  return null;
}

/**
 * Runs `npm ci` in a folder. Hides npm's warning about the machine's older Node, which only runs the
 * bootstrap.
 *
 * @param {string} folder
 * @param {string[]} options - more options for npm
 * @returns {Promise<string>} npm's output
 * @throws with npm's output if it fails
 */
export async function installPackages(folder, ...options) {
  // Node 24 itself is a development dependency, so NODE_ENV=production must not leave those out.
  const npm = ["ci", "--no-audit", "--no-fund", "--include=dev", "--loglevel=error", ...options];
  const cli = process.env["npm_execpath"];
  const child = cli?.endsWith(".js")
    ? spawn(process.execPath, [cli, ...npm], { cwd: folder })
    : spawn("npm", npm, { cwd: folder, shell: process.platform === "win32" });
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
  if (problem !== null) throw new Error(`${output}\nnpm ci failed: ${problem}.`);
  return output;
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
