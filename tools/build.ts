import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import type { Metafile } from "esbuild";
import { BUNDLE, bundle } from "./build/bundle.ts";
import { bundleSize, sum } from "./build/bundle-size.ts";
import { buildConsole } from "./build/console.ts";
import { problemsPage } from "./build/problems-page.ts";
import { openApiDocument } from "./openapi/document.ts";
import { distDirectory, repositoryRoot } from "./repository-paths.ts";

const require = createRequire(import.meta.url);
const sizeBudgetFile = join(import.meta.dirname, "build", "size-budget.json");

/**
 * Rebuilds dist/: the Functions app, ready to deploy without node_modules.
 *
 * Builds in another folder and replaces dist/ at once: a failed build keeps the last good one, and an app
 * that starts meanwhile finds a complete one.
 *
 * @returns what the bundle consists of
 * @throws like {@link bundle}
 */
export async function buildApp(): Promise<Metafile> {
  const { outputFiles, metafile } = await bundle();
  const fresh = join(repositoryRoot, ".local", `build-${process.pid}`);
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  await mkdir(join(fresh, "parts"));
  for (const { path, contents } of outputFiles) {
    await writeFile(join(fresh, relative(distDirectory, path)), contents);
  }
  await copyFile(join(repositoryRoot, "host.json"), join(fresh, "host.json"));
  const manifest = await deployablePackage();
  await writeFile(join(fresh, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  await writeDocs(join(fresh, "docs"), manifest.version);
  await buildConsole(join(fresh, "console"));
  for (const folder of ["docs", "console"]) await compressFiles(join(fresh, folder));
  await replaceDirectory(distDirectory, fresh);
  return metafile;
}

async function replaceDirectory(target: string, fresh: string): Promise<void> {
  const old = `${fresh}-old`;
  for (let attempt = 1; ; attempt++) {
    await rename(target, old).catch(() => {});
    try {
      await rename(fresh, target);
      break;
    } catch (error) {
      // Another build was faster: replace its dist/.
      if (attempt === 5) throw error;
      await rm(old, { recursive: true, force: true });
    }
  }
  await rm(old, { recursive: true, force: true });
}

/**
 * Writes what `/api/docs` and `/api/openapi.json` serve. Not bundled, so it does not slow down a cold start.
 */
async function writeDocs(directory: string, version: string): Promise<void> {
  const page = join(repositoryRoot, "src", "docs-page");
  const viewer = dirname(require.resolve("swagger-ui-dist/package.json"));
  await mkdir(directory);
  for (const name of ["index.html", "start.js", "names.js"])
    await copyFile(join(page, name), join(directory, name));
  const styles = ["guide", "viewer", "responses", "phone"].map((name) => join(page, "styles", `${name}.css`));
  const css = await Promise.all(styles.map((file) => readFile(file, "utf8")));
  await writeFile(join(directory, "lkps.css"), css.join("\n"));
  // The viewer's license requires these notices.
  for (const name of ["swagger-ui-bundle.js", "swagger-ui.css", "LICENSE", "NOTICE"])
    await copyFile(join(viewer, name), join(directory, name));
  await writeFile(join(directory, "problems.html"), await problemsPage());
  await writeFile(join(directory, "openapi.json"), JSON.stringify(openApiDocument(version)));
}

/** Compresses what is served, once. */
async function compressFiles(directory: string): Promise<void> {
  for (const name of (await readdir(directory)).filter((file) => file.includes("."))) {
    const content = await readFile(join(directory, name));
    await writeFile(join(directory, `${name}.gz`), gzipSync(content, { level: 9 }));
  }
}

async function deployablePackage() {
  const { name, version } = JSON.parse(await readFile(join(repositoryRoot, "package.json"), "utf8")) as {
    name: string;
    version: string;
  };
  return { name, version, private: true, main: BUNDLE };
}

if (import.meta.main) {
  const options = { "accept-size": { type: "boolean" } } as const;
  const started = performance.now();
  try {
    const { "accept-size": accepts } = parseArgs({ options }).values;
    const size = bundleSize(await buildApp());
    const ms = Math.round(performance.now() - started);
    const [initial, lazy] = [size.initial, size.lazy].map((part) => `${Math.round(sum(part) / 1024)} KiB`);
    console.log(`dist/${BUNDLE}: ${initial} at start, ${lazy} loaded on demand, built in ${ms} ms`);
    // To be committed with the reason.
    if (accepts) await writeFile(sizeBudgetFile, `${JSON.stringify(size, null, 2)}\n`);
  } catch (error) {
    console.error(`The build failed: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
