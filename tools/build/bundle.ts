import { build } from "esbuild";
import { distDirectory, repositoryRoot } from "../repository.ts";

/** The file that the app is loaded from. */
export const BUNDLE = "main.mjs";

/** Before a bundle of modules: packages in it that are still CommonJS ask for Node's modules by `require`. */
export const REQUIRE =
  'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);';

/**
 * Bundles the Functions app, writing nothing: the first file, those that it imports later, and what each is made of.
 *
 * @throws when esbuild has an error or a warning: a warning about a bundle is a crash at run time
 */
export async function bundle() {
  const result = await build({
    absWorkingDir: repositoryRoot,
    entryPoints: { main: "src/main.ts" },
    outdir: distDirectory,
    outExtension: { ".js": ".mjs" },
    write: false,
    metafile: true,
    bundle: true,
    // What main imports later, and what that shares with it, is in files of its own.
    splitting: true,
    chunkNames: "parts/[name]-[hash]",
    format: "esm",
    banner: { js: REQUIRE },
    platform: "node",
    // Microsoft Graph's client comes as modules too, of which half is never used.
    mainFields: ["module", "main"],
    target: "node24",
    minify: true,
    sourcemap: "linked",
    // The worker supplies this module at run time; it is not on npm.
    external: ["@azure/functions-core"],
    legalComments: "none",
    logLevel: "warning",
  });
  if (result.warnings.length > 0) {
    throw new Error(`esbuild had ${result.warnings.length} warning(s), shown above.`);
  }
  return result;
}
