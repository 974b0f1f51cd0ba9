import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { printable } from "./requests.mjs";

/**
 * Runs `az`, without a shell: what azd's environment holds must not become a command.
 * @param {readonly string[]} args
 * @param {string} [input] its standard input, for what other users must not read in a list of processes
 * @returns {string} what it printed
 * @throws if it is missing or fails
 */
export function az(args, input = "") {
  const [program = "", ...first] = azProgram();
  // What it says about errors is part of the exception.
  return execFileSync(program, [...first, ...args], { encoding: "utf8", input, stdio: "pipe" }).trim();
}

/**
 * On Windows, `az` is a batch file, which only a shell can start; it starts the Python beside it.
 * @param {NodeJS.Platform} [platform]
 * @param {string} [path]
 * @returns {string[]}
 */
export function azProgram(platform = process.platform, path = process.env["PATH"] ?? "") {
  if (platform !== "win32") return ["az"];
  const folder = path.split(delimiter).find((each) => existsSync(join(each, "az.cmd")));
  if (folder === undefined) throw new Error("az is not on the PATH");
  return [join(folder, "..", "python.exe"), "-IBm", "azure.cli"];
}

/**
 * Why `az` failed, in one line: what it said first, or else the exception, which lists the arguments. None is a secret.
 * @param {unknown} error
 */
export function reasonOf(error) {
  return printable((stderrOf(error) || String(error)).trim().split("\n")[0]);
}

/** @param {unknown} error */
export function stderrOf(error) {
  return /** @type {{ stderr?: string }} */ (error).stderr ?? "";
}
