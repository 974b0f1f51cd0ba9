import { copyFile, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { distDirectory, repositoryRoot } from "./repository.ts";

const BUNDLE = "main.cjs";

/**
 * Makes dist/ anew: the Functions app, deployable as it is, without node_modules.
 * @throws when esbuild has an error or a warning: a warning about a bundle is a crash at run time
 */
export async function buildApp(): Promise<void> {
  await rm(distDirectory, { recursive: true, force: true });
  await mkdir(distDirectory, { recursive: true });
  const { warnings } = await build({
    absWorkingDir: repositoryRoot,
    entryPoints: ["src/main.ts"],
    outfile: join(distDirectory, BUNDLE),
    bundle: true,
    format: "cjs",
    platform: "node",
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
  await copyFile(join(repositoryRoot, "host.json"), join(distDirectory, "host.json"));
  await writeFile(join(distDirectory, "package.json"), await deployablePackage());
}

async function deployablePackage(): Promise<string> {
  const { name, version } = JSON.parse(await readFile(join(repositoryRoot, "package.json"), "utf8")) as {
    name: string;
    version: string;
  };
  return `${JSON.stringify({ name, version, private: true, main: BUNDLE }, null, 2)}\n`;
}

if (import.meta.main) {
  const started = performance.now();
  try {
    await buildApp();
    const { size } = await stat(join(distDirectory, BUNDLE));
    const ms = Math.round(performance.now() - started);
    console.log(`dist/${BUNDLE}: ${Math.round(size / 1024)} KiB, built in ${ms} ms`);
  } catch (error) {
    console.error(`The build failed: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
