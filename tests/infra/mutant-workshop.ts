import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BicepRpc } from "../../tools/infra/bicep-rpc.ts";
import { infraDirectory, snapshotPlace } from "../../tools/infra/deployments.ts";
import type { Mutant } from "./mutants.ts";

interface Compiled {
  metadata?: { readonly _generator?: { readonly templateHash?: string } };
}

/** Deploys mutants, one after the other, in a copy of the templates. */
export interface MutantWorkshop extends Disposable {
  deploy(mutant: Mutant): Promise<{ readonly snapshot: string; readonly template: string }>;
}

/**
 * Only the mutated file is compiled: main.bicep compiled holds each module's template, known by its hash, in which the
 * mutated one takes the place of the other. That takes a fifth of the time of compiling all of it again.
 */
export async function openMutantWorkshop(bicep: BicepRpc): Promise<MutantWorkshop> {
  const folder = mkdtempSync(join(tmpdir(), "lkps-mutants-"));
  cpSync(infraDirectory, folder, { recursive: true });
  cpSync(join(import.meta.dirname, "fixtures"), folder, { recursive: true });
  // Neither the linter's findings nor the text of queries matter here.
  writeFileSync(
    join(folder, "bicepconfig.json"),
    JSON.stringify({ analyzers: { core: { enabled: false } } }),
  );
  for (const query of readdirSync(join(folder, "kql"))) writeFileSync(join(folder, "kql", query), "");
  const compile = async (file: string): Promise<Compiled> => {
    const { contents, diagnostics } = await bicep.compile(join(folder, file));
    if (contents === null) throw new Error(JSON.stringify(diagnostics));
    return JSON.parse(contents) as Compiled;
  };
  const whole = JSON.stringify(await compile("main.bicep"));
  const hashes = new Map<string, string | undefined>();

  async function compileMutated(file: string, source: string, mutated: string): Promise<string> {
    const path = join(folder, file);
    if (!hashes.has(file)) hashes.set(file, hashOf(await compile(file)));
    writeFileSync(path, mutated);
    try {
      const template = await compile(file);
      return file === "main.bicep" ? JSON.stringify(template) : splice(whole, hashes.get(file), template);
    } finally {
      writeFileSync(path, source);
    }
  }

  return {
    async deploy({ environment, file, from, to }) {
      const source = readFileSync(join(folder, file), "utf8");
      if (!source.includes(from)) throw new Error(`${file} has no ${from}`);
      const mutated = source.replace(from, () => to);
      const isTemplate = file.endsWith(".bicep");
      const template = isTemplate ? await compileMutated(file, source, mutated) : whole;
      const ofEnvironment = environment === "guarded" ? "guarded.bicepparam" : "main.bicepparam";
      const parameters = isTemplate ? readFileSync(join(folder, ofEnvironment), "utf8") : mutated;
      writeFileSync(join(folder, "mutated.json"), template);
      const parametersFile = join(folder, "mutated.bicepparam");
      writeFileSync(
        parametersFile,
        parameters
          .replace(/^using '.*'/m, "using 'mutated.json'")
          .replace("readEnvironmentVariable('AZURE_ENV_NAME', '')", `'${environment}'`),
      );
      return { snapshot: await bicep.snapshot(parametersFile, snapshotPlace), template };
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const hashOf = ({ metadata }: Compiled) => metadata?._generator?.templateHash;

/** The template with every module of that hash replaced; throws where there is none. */
function splice(template: string, hash: string | undefined, replacement: Compiled): string {
  let replaced = 0;
  const spliced = JSON.parse(template, (_key, value: Compiled | null) => {
    if (hash === undefined || typeof value !== "object" || value === null || hashOf(value) !== hash)
      return value;
    replaced++;
    return replacement;
  });
  if (replaced === 0) throw new Error("main.bicep has no such module");
  return JSON.stringify(spliced);
}
