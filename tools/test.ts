import { buildApp } from "./build.ts";
import { check, staticChecks } from "./test/checks.ts";
import { add, type Outcome } from "./test/outcome.ts";
import { seconds } from "./test/seconds.ts";
import { filesOf, runStage, stages } from "./test/stages.ts";
import { summaryOf } from "./test/summary.ts";

// `npm test [filter …]`: everything that must hold on main, counted together. A filter narrows the tests only.
const filters = process.argv.slice(2);
const total: Outcome = { passed: 0, failed: 0, skipped: new Map() };
const times: string[] = [];

async function stage(name: string, work: () => Promise<Outcome | readonly Outcome[]>): Promise<void> {
  const startedAt = performance.now();
  for (const outcome of [await work()].flat()) add(total, outcome);
  times.push(`${name} ${seconds(startedAt)}`);
}

await stage("checks", staticChecks);
await stage("build", () => check("build", buildApp));
let testFiles = 0;
for (const one of stages) {
  const files = await filesOf(one, filters);
  if (files.length > 0) await stage(one.name, () => runStage(one, files));
  testFiles += files.length;
}
if (testFiles === 0) {
  console.log(`✗ no test file has ${filters.join(" or ")} in its path`);
  total.failed++;
}

for (const line of summaryOf(total, times)) console.log(line);
process.exit(total.failed === 0 ? 0 : 1);
