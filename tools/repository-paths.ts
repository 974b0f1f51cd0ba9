import { join } from "node:path";

/** The repository's root folder, so that tools work from any current directory. */
export const repositoryRoot = join(import.meta.dirname, "..");

/** The examples, which have their own packages. */
export const examplesDirectory = join(repositoryRoot, "examples");

/** The deployable app, created by `npm run build`. */
export const distDirectory = join(repositoryRoot, "dist");
