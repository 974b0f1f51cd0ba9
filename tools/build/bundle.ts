import { type BuildOptions, build } from "esbuild";
import { distDirectory, repositoryRoot } from "../repository-paths.ts";

/** The app's entry file. */
export const BUNDLE = "main.mjs";

// Lets CommonJS packages in an ESM bundle load Node's modules with `require`.
const REQUIRE =
  'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);';

/** How the app, what the bench compares it with, and the command line are bundled. */
export const bundleOptions = {
  bundle: true,
  format: "esm",
  banner: { js: REQUIRE },
  platform: "node",
  // Prefer ES modules: half of Microsoft Graph's client is never used.
  mainFields: ["module", "main"],
  target: "node24",
  minify: true,
  sourcemap: "linked",
  // The worker provides this module; it is not on npm.
  external: ["@azure/functions-core"],
  legalComments: "none",
  logLevel: "warning",
} satisfies BuildOptions;

/**
 * Bundles the Functions app in memory: the entry file, the lazily loaded parts, and what each consists of.
 *
 * @throws if esbuild reports an error or a warning: a warning about a bundle is a crash at run time
 */
export async function bundle() {
  const result = await build({
    absWorkingDir: repositoryRoot,
    entryPoints: { main: "src/main.ts" },
    outdir: distDirectory,
    outExtension: { ".js": ".mjs" },
    write: false,
    metafile: true,
    // Lazily imported modules, and what they share, go into their own files.
    splitting: true,
    chunkNames: "parts/[name]-[hash]",
    ...bundleOptions,
  });
  if (result.warnings.length > 0) {
    throw new Error(`esbuild had ${result.warnings.length} warning(s), shown above.`);
  }
  return result;
}
