import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { repositoryRoot } from "../repository-paths.ts";

/**
 * Builds the pages that `/console` serves: a page, a script, and a style sheet.
 *
 * @throws if esbuild reports an error or a warning
 */
export async function buildConsole(directory: string): Promise<void> {
  const source = join(repositoryRoot, "console");
  await mkdir(directory, { recursive: true });
  const { warnings } = await build({
    absWorkingDir: repositoryRoot,
    entryPoints: ["main.tsx", "console.css"].map((file) => ({ in: join(source, file), out: "console" })),
    outdir: directory,
    bundle: true,
    format: "esm",
    platform: "browser",
    target: ["chrome125", "firefox128", "safari18"],
    minify: true,
    legalComments: "none",
    logLevel: "warning",
  });
  if (warnings.length > 0) throw new Error(`esbuild had ${warnings.length} warning(s), shown above.`);
  await copyFile(join(source, "index.html"), join(directory, "index.html"));
}
