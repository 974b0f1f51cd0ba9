import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { CliError } from "./cli-error.ts";
import { currentFolder } from "./invocation.ts";

/** Resolves a file name against the folder where the command was typed. */
export function resolveOutputFile(name: string): string {
  return resolve(currentFolder, name);
}

/**
 * Checks that a file does not exist yet, before there is something to write to it.
 *
 * @param advice - what to do if it does
 * @throws CliError `file_not_written`
 */
export function requireNewFile(name: string, advice?: string): void {
  if (existsSync(resolveOutputFile(name))) throw fileExists(name, advice);
}

/**
 * Writes a new file that only its owner can read.
 *
 * @param force - replaces an existing file, or a link, but never what a link leads to
 * @throws CliError `file_not_written`; also when the file exists, which may be a link or readable by others
 */
export async function writePrivateFile(name: string, content: string, force = false): Promise<void> {
  const file = resolveOutputFile(name);
  try {
    if (force) await rm(file, { force });
    await writeFile(file, content, { mode: 0o600, flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw fileExists(name);
    throw new CliError("file_not_written", `Could not write ${name}: ${(error as Error).message}.`, error);
  }
}

function fileExists(name: string, advice = "Choose another name."): CliError {
  const message = `${name} already exists, and lkps does not overwrite it. ${advice}`;
  return new CliError("file_not_written", message);
}
