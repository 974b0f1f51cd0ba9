import { join } from "node:path";

/** The repository's root folder, so that tools work from any current directory. */
export const repositoryRoot = join(import.meta.dirname, "..");

/** The deployable app, created by `npm run build`. */
export const distDirectory = join(repositoryRoot, "dist");
