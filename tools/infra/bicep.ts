import { execFile } from "node:child_process";
import { chmod, glob, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { repositoryRoot } from "../repository-paths.ts";

const run = promisify(execFile);

/** The pinned version: others format and compile slightly differently, which would show up as changes. */
export const bicepVersion = "0.49.2";

/** The oldest version on NuGet. The templates must compile with it, too, because azd ships its own version, close to these two. */
export const oldestBicepVersion = "0.47.16";

const store = join(repositoryRoot, ".local", "bicep");
const program = process.platform === "win32" ? "bicep.exe" : "bicep";

/** Lets the Bicep CLI start without ICU and without a writable home folder. */
const startsAnywhere = {
  DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: "1",
  DOTNET_BUNDLE_EXTRACT_BASE_DIR: join(store, "unpacked"),
};

/** The environment for the CLI, with variables for parameter files. */
export function bicepEnvironment(variables: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return { ...process.env, ...startsAnywhere, ...variables };
}

/** A Bicep CLI, or why there is none. */
export type FoundBicep = { readonly path: string } | { readonly missing: string };

/**
 * Finds the Bicep CLI of a version: in LKPS_BICEP (only the pinned one), on the PATH, or installed by `az`. Otherwise
 * restores it from NuGet into `.local/bicep`, which needs the `dotnet` command.
 */
export async function findBicep(version = bicepVersion): Promise<FoundBicep> {
  const named = version === bicepVersion ? process.env["LKPS_BICEP"] : undefined;
  const onPath = (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, program));
  const installed = [...onPath, join(homedir(), ".azure", "bin", program)];
  for (const path of named === undefined ? installed : [named]) {
    if ((await versionOf(path)) === version) return { path };
  }
  if (named !== undefined) return { missing: `LKPS_BICEP is not a Bicep CLI of version ${version}` };
  return (await restored(version)) ?? (await restore(version));
}

async function versionOf(path: string): Promise<string | undefined> {
  try {
    const { stdout } = await run(path, ["--version"], { env: bicepEnvironment() });
    return /version (\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  } catch {
    return undefined;
  }
}

async function restored(version: string): Promise<FoundBicep | undefined> {
  const pattern = `azure.bicep.commandline.*/${version}/tools/${program}`;
  for await (const file of glob(pattern, { cwd: store })) {
    const path = join(store, file);
    // NuGet does not make it executable for others.
    await chmod(path, 0o755);
    if ((await versionOf(path)) === version) return { path };
  }
  return undefined;
}

async function restore(version: string): Promise<FoundBicep> {
  const project = join(import.meta.dirname, "bicep-cli.csproj");
  // One folder for each process, because tests run this concurrently; NuGet itself does the locking.
  const intermediate = join(store, `restore-${process.pid}`);
  try {
    const properties = [
      `-p:BicepVersion=${version}`,
      `-p:BaseIntermediateOutputPath=${intermediate}/`,
      `-p:MSBuildProjectExtensionsPath=${intermediate}/`,
    ];
    await run("dotnet", ["restore", project, "--packages", store, ...properties]);
    return (await restored(version)) ?? { missing: "NuGet's Bicep CLI does not start here" };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return { missing: `neither bicep ${version} nor dotnet is on the PATH` };
    }
    const output = (error as { stdout?: string }).stdout ?? String(error);
    return { missing: `dotnet restore of the Bicep CLI failed: ${output.trim()}` };
  } finally {
    await rm(intermediate, { recursive: true, force: true });
  }
}
