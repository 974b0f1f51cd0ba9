/**
 * `npm run bench [-- NAME …]`: measures LKPS beside an alternative. Prints a table, and writes all figures as JSON.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { dirname, join, relative } from "node:path";
import { parseArgs } from "node:util";
import { buildApp } from "../tools/build.ts";
import { repositoryRoot } from "../tools/repository-paths.ts";
import type { Bench, Comparison } from "./bench-types.ts";
import { coldStart } from "./cold-start.ts";
import { liveCheck } from "./live-check.ts";
import { tableOf } from "./report/table.ts";
import { warmStart } from "./warm-start.ts";

const FILE = join(repositoryRoot, ".local", "bench.json");
const benches: readonly Bench[] = [coldStart, warmStart, liveCheck];
const names = benches.map(({ name }) => name);

const usage = `npm run bench [-- NAME …] [--short]

Benches: ${names.join(", ")}. Without a name, all of them run.
  --short   few rounds, only to check that the benches work`;

const { values: options, positionals } = readArguments();
await buildApp();
const comparisons: Comparison[] = [];
const notes: string[] = [];
for (const { name: bench, run } of benches.filter(({ name }) => isWanted(name))) {
  const startedAt = performance.now();
  const progress = (text: string) => console.error(`${bench}: ${text}`);
  const result = await run({ isShort: options.short, progress });
  comparisons.push(...result.comparisons.map((comparison) => ({ bench, ...comparison })));
  notes.push(...result.notes);
  progress(`done in ${Math.round((performance.now() - startedAt) / 1_000)} s`);
}
const machine = { node: process.version, cpu: cpus()[0]?.model ?? "", cores: cpus().length };
await mkdir(dirname(FILE), { recursive: true });
await writeFile(FILE, `${JSON.stringify({ at: new Date(), ...machine, comparisons, notes }, null, 2)}\n`);
console.log([tableOf(comparisons), ...notes].join("\n\n"));
const what = `Node ${machine.node}, ${machine.cores} cores of ${machine.cpu}`;
console.log(`\n${what}; all figures: ${relative("", FILE)}`);

function isWanted(name: string): boolean {
  return positionals.length === 0 || positionals.includes(name);
}

function readArguments() {
  const flag = { type: "boolean", default: false } as const;
  try {
    const options = { help: flag, short: flag };
    const parsed = parseArgs({ options, allowPositionals: true });
    const unknown = parsed.positionals.filter((name) => !names.includes(name));
    if (unknown.length > 0) throw new Error(`There is no bench ${unknown.join(", ")}.`);
    if (!parsed.values.help) return parsed;
    console.log(usage);
    process.exit(0);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    process.exit(2);
  }
}
