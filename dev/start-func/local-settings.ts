import { constants, copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { repositoryRoot } from "../../tools/repository-paths.ts";

const FILE = join(repositoryRoot, "local.settings.json");
const SAMPLE = join(repositoryRoot, "local.settings.sample.json");

/**
 * Reads the settings that Core Tools give to the app. Creates the file from the sample if it is missing;
 * never overwrites it.
 */
export async function readLocalSettings(): Promise<Record<string, string>> {
  try {
    await copyFile(SAMPLE, FILE, constants.COPYFILE_EXCL);
    console.log("Created local.settings.json from local.settings.sample.json.");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const { Values } = JSON.parse(await readFile(FILE, "utf8")) as { Values?: Record<string, string> };
  return Values ?? {};
}
