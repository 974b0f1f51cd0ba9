/**
 * `npm run pack:cli`: packs `lkps` into one file without dependencies, dist-cli/lkps-cli-VERSION.tgz.
 */
import { execFile } from "node:child_process";
import { copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { build, type Metafile } from "esbuild";
import { bundleOptions } from "./build/bundle.ts";
import { repositoryRoot } from "./repository-paths.ts";

const MAX_BYTES = 1_000_000;

/**
 * Packs the command line.
 *
 * @param folder - replaced; gets the package's contents and the packed file
 * @returns the packed file
 * @throws if esbuild reports an error or a warning, or the file is larger than 1 MB
 */
export async function packCli(folder = join(repositoryRoot, "dist-cli")): Promise<string> {
  const contents = join(folder, "package");
  await rm(folder, { recursive: true, force: true });
  await mkdir(contents, { recursive: true });
  const { warnings, metafile } = await build({
    absWorkingDir: repositoryRoot,
    entryPoints: { lkps: "cli/lkps.ts" },
    outdir: contents,
    outExtension: { ".js": ".mjs" },
    metafile: true,
    // What only some commands need, such as the sign-in, is loaded when it is needed.
    splitting: true,
    chunkNames: "[name]-[hash]",
    ...bundleOptions,
    target: "node20.11",
    sourcemap: false,
  });
  if (warnings.length > 0) throw new Error(`esbuild had ${warnings.length} warning(s), shown above.`);
  await copyFile(join(repositoryRoot, "cli", "launch.cjs"), join(contents, "launch.cjs"));
  await copyFile(join(repositoryRoot, "cli", "report", "report.css"), join(contents, "report.css"));
  await copyFile(join(repositoryRoot, "LICENSE"), join(contents, "LICENSE"));
  await copyFile(join(repositoryRoot, "docs", "cli.md"), join(contents, "README.md"));
  await writeFile(join(contents, "THIRD-PARTY-LICENSES.txt"), await licensesOf(metafile));
  await writeFile(join(contents, "package.json"), `${JSON.stringify(await manifest(), null, 2)}\n`);
  return await npmPack(contents, folder);
}

async function manifest() {
  const { version, license } = JSON.parse(await readFile(join(repositoryRoot, "package.json"), "utf8"));
  return {
    name: "lkps-cli",
    version,
    description: "The command line of LKPS, for owners of agents and client applications, and for operators",
    license,
    // No `engines`: npm would add four lines to the one sentence that launch.cjs prints on an older Node.
    bin: { lkps: "launch.cjs" },
  };
}

/** The licenses of the bundled packages, which must be passed on with them. */
async function licensesOf({ outputs }: Metafile): Promise<string> {
  const files = Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs));
  const folders = new Set(files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []));
  const texts = [...folders].sort().map(async (folder) => {
    const directory = join(repositoryRoot, folder);
    const { name, version, license } = JSON.parse(await readFile(join(directory, "package.json"), "utf8"));
    const file = (await readdir(directory)).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file === undefined ? "" : await readFile(join(directory, file), "utf8");
    return `${name} ${version} (${license})\n\n${text.trim()}\n`;
  });
  return (await Promise.all(texts)).join(`\n${"-".repeat(80)}\n\n`);
}

async function npmPack(contents: string, folder: string): Promise<string> {
  const args = ["pack", "--json", "--pack-destination", folder];
  const isWindows = process.platform === "win32";
  const { stdout } = await promisify(execFile)("npm", args, { cwd: contents, shell: isWindows });
  const file = join(folder, JSON.parse(stdout)[0].filename);
  const { size } = await stat(file);
  if (size > MAX_BYTES) throw new Error(`${file} has ${size} bytes: more than ${MAX_BYTES}.`);
  return file;
}

if (import.meta.main) {
  const file = await packCli();
  const path = `./${relative(repositoryRoot, file).replaceAll("\\", "/")}`;
  console.log(`${path}: ${Math.round((await stat(file)).size / 1024)} KiB\nTry it: npx --yes ${path} --help`);
}
