/**
 * `npm run bench [-- NAME …]`: measures LKPS beside an alternative. Prints a table, and writes all figures as JSON.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { dirname, relative, resolve } from "node:path";
import { buildApp } from "../tools/build.ts";
import { underAttack } from "./attacks.ts";
import type { Bench, Comparison } from "./bench-types.ts";
import { coldStart } from "./cold-start.ts";
import { type BenchOptions, parseOptions, usage } from "./options.ts";
import { tableOf } from "./report/table.ts";
import { warmStart } from "./warm-start.ts";

const benches: readonly Bench[] = [coldStart, warmStart, underAttack];
const names = benches.map(({ name }) => name);

async function runBenches(options: BenchOptions): Promise<void> {
  if (!options.built) await buildApp();
  const comparisons: Comparison[] = [];
  const notes: string[] = [];
  for (const bench of benches.filter(({ name }) => options.names.includes(name))) {
    const startedAt = performance.now();
    const progress = (text: string) => console.error(`${bench.name}: ${text}`);
    const result = await bench.run({ isShort: options.short, progress });
    comparisons.push(...result.comparisons.map((comparison) => ({ bench: bench.name, ...comparison })));
    notes.push(...result.notes);
    progress(`done in ${Math.round((performance.now() - startedAt) / 1_000)} s`);
  }
  const machine = { node: process.version, cpu: cpus()[0]?.model ?? "", cores: cpus().length };
  const file = resolve(options.json);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify({ at: new Date(), ...machine, comparisons, notes }, null, 2)}\n`);
  console.log([tableOf(comparisons), ...notes].join("\n\n"));
  const what = `Node ${machine.node}, ${machine.cores} cores of ${machine.cpu}`;
  console.log(`\n${what}; all figures: ${relative("", file)}`);
}

let options: BenchOptions | null | undefined;
try {
  options = parseOptions(process.argv.slice(2), names);
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\n\n${usage(names)}`);
  process.exitCode = 2;
}
if (options === null) console.log(usage(names));
else if (options !== undefined) await runBenches(options);
