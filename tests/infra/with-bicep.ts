import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { describe } from "vitest";
import { bicepVersion, findBicep, oldestBicepVersion } from "../../tools/infra/bicep.ts";
import { type BicepRpc, startBicepRpc } from "../../tools/infra/bicep-rpc.ts";
import { deploymentVariables } from "../../tools/infra/deployments.ts";
import { needs } from "../../tools/test/needs.ts";

const options = { newest: await needs("bicep"), oldest: await needs("oldestBicep") };
const found = { newest: await findBicep(), oldest: await findBicep(oldestBicepVersion) };
const versions = { newest: bicepVersion, oldest: oldestBicepVersion };

/** Which of the two compilers: the pinned one, or the oldest that NuGet serves. */
export type Compiler = keyof typeof versions;

/** Tests that need the Bicep CLI. */
export function describeWithBicep(name: string, body: () => void): void {
  describe(name, options.newest, body);
}

/** Tests that both compilers must pass. */
export function describeWithBothBiceps(name: string, body: (compiler: Compiler) => void): void {
  for (const compiler of ["newest", "oldest"] as const) {
    describe(`${name} ${versions[compiler]}`, options[compiler], () => body(compiler));
  }
}

/** Path of the CLI; only inside of {@link describeWithBicep} and {@link describeWithBothBiceps}. */
export function bicepPath(compiler: Compiler = "newest"): string {
  const cli = found[compiler];
  if ("missing" in cli) throw new Error(cli.missing);
  return cli.path;
}

const running: Partial<Record<Compiler, BicepRpc>> = {};

/**
 * A Bicep CLI that knows the variables of a complete deployment. The test files in one process share it: starting it
 * costs more than most of what it does later. It ends with the process that it reads from.
 */
export function sharedBicep(compiler: Compiler = "newest"): BicepRpc {
  running[compiler] ??= startBicepRpc(bicepPath(compiler), deploymentVariables);
  return running[compiler];
}

/**
 * Does work with a copy of a parameter file in which each variable of the environment is filled in, so that one CLI can
 * answer for many environments: a process reads only its own, and takes seconds to start. One that is neither given nor
 * has a default stays.
 */
export async function withVariables<T>(
  file: string,
  variables: Readonly<Record<string, string>>,
  work: (copy: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "lkps-infra-"));
  const copy = join(folder, "copy.bicepparam");
  const source = await readFile(file, "utf8");
  // Bicep follows relative paths only.
  const moved = source
    .replaceAll(
      /'([^']*\.bicep)'/g,
      (_, path: string) => `'${relative(folder, resolve(dirname(file), path)).replaceAll("\\", "/")}'`,
    )
    .replaceAll(
      /readEnvironmentVariable\('(\w+)'(?:, ('.*?'))?\)/g,
      (call, name: string, byDefault?: string) => {
        const value = variables[name];
        return value === undefined ? (byDefault ?? call) : `'${value}'`;
      },
    );
  try {
    await writeFile(copy, moved);
    return await work(copy);
  } finally {
    await rm(folder, { recursive: true });
  }
}
