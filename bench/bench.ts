/**
 * `npm run bench [-- NAME …]`: what LKPS takes beside what one would otherwise use, as a table, and in full as JSON.
 * `--short` does the same with few runs: it shows that the benches work, not what they are for.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { buildApp } from "../tools/build.ts";
import { repositoryRoot } from "../tools/repository.ts";
import type { Bench, Comparison } from "./bench-types.ts";
import { coldStart } from "./cold-start.ts";
import { decision } from "./decision.ts";
import { tableOf } from "./report/table.ts";
import { warmStart } from "./warm-start.ts";

const benches: readonly Bench[] = [coldStart, warmStart, decision];

const { values, positionals } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    // dist/ is what is to be measured, as it is.
    built: { type: "boolean", default: false },
    json: { type: "string", default: join(repositoryRoot, ".local", "bench.json") },
  },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !benches.some((bench) => bench.name === name));
if (unknown.length > 0) {
  console.error(`No bench ${unknown.join(", ")}; there are: ${benches.map(({ name }) => name).join(", ")}`);
  process.exit(2);
}

if (!values.built) await buildApp();
const comparisons: Comparison[] = [];
const notes: string[] = [];
for (const bench of benches) {
  if (positionals.length > 0 && !positionals.includes(bench.name)) continue;
  const startedAt = performance.now();
  const progress = (text: string) => console.error(`${bench.name}: ${text}`);
  const result = await bench.run({ isShort: values.short, progress });
  comparisons.push(...result.comparisons.map((comparison) => ({ bench: bench.name, ...comparison })));
  notes.push(...result.notes);
  progress(`done in ${Math.round((performance.now() - startedAt) / 1_000)} s`);
}

const machine = { node: process.version, cpu: cpus()[0]?.model ?? "", cores: cpus().length };
const file = resolve(values.json);
await mkdir(dirname(file), { recursive: true });
await writeFile(file, `${JSON.stringify({ at: new Date(), ...machine, comparisons, notes }, null, 2)}\n`);
console.log([tableOf(comparisons), ...notes].join("\n\n"));
console.log(
  `\nNode ${machine.node}, ${machine.cores} cores of ${machine.cpu}; in full: ${relative("", file)}`,
);
