import { join } from "node:path";
import { findMissingPackage, installPackages } from "./bootstrap/packages.mjs";
import { repositoryRoot } from "./repository.ts";

/** The examples, with packages of their own: LiveKit's agent framework is larger than all that LKPS takes. */
export const examplesDirectory = join(repositoryRoot, "examples");

/**
 * Makes sure that the examples' packages are there; installs them the first time and whenever their lock file changes.
 * @throws with what npm says, where they cannot be had
 */
export async function installExamples(): Promise<void> {
  const missing = findMissingPackage(examplesDirectory);
  if (missing === null) return;
  console.log(`Installing the examples' packages, some 400 MB, once (${missing})`);
  // None of them has a script to run, and none should get one unseen.
  await installPackages(examplesDirectory, "--ignore-scripts");
}
