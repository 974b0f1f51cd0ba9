import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { CouldNotTell } from "../outcome.ts";

/** A file that a person names, seen from where they typed the command; npm runs it in the repository's root. */
export function fileOf(name: string): string {
  return resolve(process.env["INIT_CWD"] ?? process.cwd(), name);
}

/**
 * Writes a secret to a new file that its owner alone can read.
 *
 * @throws CouldNotTell where the file is there already: its rights may be wide, and it may be a link
 */
export async function writeSecret(name: string, secret: string): Promise<void> {
  try {
    await writeFile(fileOf(name), secret, { mode: 0o600, flag: "wx" });
  } catch (error) {
    const isThere = (error as NodeJS.ErrnoException).code === "EEXIST";
    const advice = isThere ? "it is there already, and is not overwritten" : (error as Error).message;
    throw new CouldNotTell("file_not_written", `${name}: ${advice}.`, error);
  }
}
