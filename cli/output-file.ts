import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
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
 * @throws CliError `file_not_written`
 */
export function requireNewFile(name: string): void {
  if (existsSync(resolveOutputFile(name))) throw fileExists(name);
}

/**
 * Writes a secret to a new file that only its owner can read.
 *
 * @throws CliError `file_not_written`; also when the file exists, which may be a link or readable by others
 */
export async function writeSecretFile(name: string, secret: string): Promise<void> {
  try {
    await writeFile(resolveOutputFile(name), secret, { mode: 0o600, flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw fileExists(name);
    throw new CliError("file_not_written", `Could not write ${name}: ${(error as Error).message}.`, error);
  }
}

function fileExists(name: string): CliError {
  return new CliError(
    "file_not_written",
    `${name} already exists, and lkps does not overwrite it. Choose another name.`,
  );
}
