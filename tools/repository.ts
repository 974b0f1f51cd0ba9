import { join } from "node:path";

/** The repository's root folder; the tools work from any current directory. */
export const repositoryRoot = join(import.meta.dirname, "..");

/** The deployable app that `npm run build` makes. */
export const distDirectory = join(repositoryRoot, "dist");
