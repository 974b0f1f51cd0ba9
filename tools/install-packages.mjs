// Like bootstrap.mjs, this must run on the machine's own Node without node_modules.
import { spawn } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";

/**
 * Runs `npm ci` in a folder if its lock file is newer than what is installed. Shows npm's messages on stderr.
 *
 * @param {string} folder
 * @param {string} what - the packages, in a few words
 * @param {string[]} options - more options for npm
 * @throws if npm fails
 */
export async function installPackages(folder, what, ...options) {
  // npm records what it installed in this hidden lock file, last of all.
  const installed = modifiedAt(join(folder, "node_modules", ".package-lock.json"));
  if (installed >= modifiedAt(join(folder, "package-lock.json"))) return;
  console.error(`Installing ${what} …`);
  const startedAt = Date.now();
  // Node 24 itself is a development dependency, so NODE_ENV=production must not leave those out. Hides npm's warning
  // about the machine's older Node.
  const npm = ["ci", "--no-audit", "--no-fund", "--include=dev", "--loglevel=error", ...options];
  const cli = process.env["npm_execpath"];
  const [command, args] = cli?.endsWith(".js") ? [process.execPath, [cli, ...npm]] : ["npm", npm];
  const shell = command === "npm" && process.platform === "win32";
  const child = spawn(command, args, { cwd: folder, shell, stdio: ["ignore", 2, 2] });
  const code = await new Promise((done) =>
    child.on("error", ({ message }) => done(message)).on("close", done),
  );
  if (code !== 0) throw new Error(`npm ci failed: ${code}`);
  console.error(`Installed in ${Math.round((Date.now() - startedAt) / 1000)} s.`);
}

/**
 * Returns 0 if there is no such file.
 *
 * @param {string} file
 */
function modifiedAt(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
