import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { openApiDocument } from "../src/openapi/document.ts";
import { problemsPage } from "./build/problems-page.ts";
import { distDirectory, repositoryRoot } from "./repository.ts";

const BUNDLE = "main.mjs";

/**
 * Makes dist/ anew: the Functions app, deployable as it is, without node_modules.
 *
 * It is made beside dist/ and put in its place at once: a build that fails leaves the last good one, and an app that
 * starts meanwhile finds a whole one.
 * @throws when esbuild has an error or a warning: a warning about a bundle is a crash at run time
 */
export async function buildApp(): Promise<void> {
  const { warnings, outputFiles } = await build({
    absWorkingDir: repositoryRoot,
    entryPoints: { main: "src/main.ts" },
    outdir: distDirectory,
    outExtension: { ".js": ".mjs" },
    write: false,
    bundle: true,
    // What main imports later is in files of its own, which a start does not read.
    splitting: true,
    chunkNames: "later/[name]-[hash]",
    format: "esm",
    // Packages that are still CommonJS ask for Node's modules by `require`.
    banner: {
      js: 'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);',
    },
    platform: "node",
    // Microsoft Graph's client comes as modules too, of which half is never used.
    mainFields: ["module", "main"],
    target: "node24",
    minify: true,
    // Error names and function names go into log lines.
    keepNames: true,
    sourcemap: "linked",
    // The worker supplies this module at run time; it is not on npm.
    external: ["@azure/functions-core"],
    legalComments: "none",
    logLevel: "warning",
  });
  if (warnings.length > 0) throw new Error(`esbuild had ${warnings.length} warning(s), shown above.`);
  const fresh = join(repositoryRoot, ".local", `build-${process.pid}`);
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  await mkdir(join(fresh, "later"));
  for (const { path, contents } of outputFiles) {
    await writeFile(join(fresh, relative(distDirectory, path)), contents);
  }
  await copyFile(join(repositoryRoot, "host.json"), join(fresh, "host.json"));
  const manifest = await deployablePackage();
  await writeFile(join(fresh, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  await writeDocs(join(fresh, "docs"), manifest.version);
  await replaceDirectory(distDirectory, fresh);
}

async function replaceDirectory(target: string, fresh: string): Promise<void> {
  const old = `${fresh}-old`;
  for (let attempt = 1; ; attempt++) {
    await rename(target, old).catch(() => {});
    try {
      await rename(fresh, target);
      break;
    } catch (error) {
      // Another build was quicker: its dist/ is replaced in turn.
      if (attempt === 5) throw error;
      await rm(old, { recursive: true, force: true });
    }
  }
  await rm(old, { recursive: true, force: true });
}

/** What `/api/docs`, all beneath it and `/api/openapi.json` are served from; not in the bundle: no start parses it. */
async function writeDocs(directory: string, version: string): Promise<void> {
  const page = join(repositoryRoot, "src", "docs-page");
  const viewer = fileURLToPath(new URL(".", import.meta.resolve("swagger-ui-dist/package.json")));
  await mkdir(directory);
  for (const name of ["index.html", "start.js", "names.js", "lkps.css"])
    await copyFile(join(page, name), join(directory, name));
  // The viewer's licence asks for its notices to go with it.
  for (const name of ["swagger-ui-bundle.js", "swagger-ui.css", "LICENSE", "NOTICE"])
    await copyFile(join(viewer, name), join(directory, name));
  await writeFile(join(directory, "problems.html"), await problemsPage());
  await writeFile(join(directory, "openapi.json"), JSON.stringify(openApiDocument(version)));
}

async function deployablePackage() {
  const { name, version } = JSON.parse(await readFile(join(repositoryRoot, "package.json"), "utf8")) as {
    name: string;
    version: string;
  };
  return { name, version, private: true, main: BUNDLE };
}

if (import.meta.main) {
  const started = performance.now();
  try {
    await buildApp();
    const kib = async (file: string) => (await stat(join(distDirectory, file))).size / 1024;
    const parts = (await readdir(join(distDirectory, "later"))).filter((file) => file.endsWith(".mjs"));
    const later = (await Promise.all(parts.map((file) => kib(join("later", file))))).reduce(
      (a, b) => a + b,
      0,
    );
    const ms = Math.round(performance.now() - started);
    const first = Math.round(await kib(BUNDLE));
    console.log(`dist/${BUNDLE}: ${first} KiB, and ${Math.round(later)} KiB loaded later, built in ${ms} ms`);
  } catch (error) {
    console.error(`The build failed: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
