import { copyFile, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { build, type Metafile } from "esbuild";
import { repositoryRoot } from "../repository-paths.ts";

const source = join(repositoryRoot, "console");
const licenses = ["preact/LICENSE", "oauth4webapi/LICENSE.md"];

/**
 * Builds the pages that `/console` serves: a page, a script, and a style sheet.
 *
 * @returns what they consist of
 * @throws if esbuild reports an error or a warning
 */
export async function buildConsole(directory: string): Promise<Metafile> {
  const notices = await Promise.all(
    licenses.map((file) => readFile(join(repositoryRoot, "node_modules", file), "utf8")),
  );
  const { warnings, metafile } = await build({
    absWorkingDir: repositoryRoot,
    entryPoints: ["main.tsx", "console.css"].map((file) => ({ in: join(source, file), out: "console" })),
    outdir: directory,
    metafile: true,
    bundle: true,
    format: "esm",
    platform: "browser",
    target: ["chrome125", "firefox128", "safari18"],
    minify: true,
    // The packages' licenses require these notices.
    footer: { js: notices.map((notice) => `/*\n${notice.trim()}\n*/`).join("\n") },
    legalComments: "none",
    logLevel: "warning",
  });
  if (warnings.length > 0) throw new Error(`esbuild had ${warnings.length} warning(s), shown above.`);
  await mkdir(directory, { recursive: true });
  await copyFile(join(source, "index.html"), join(directory, "index.html"));
  return metafile;
}
