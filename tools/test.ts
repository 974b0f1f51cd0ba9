import { buildApp } from "./build.ts";
import { check, staticChecks } from "./test/checks.ts";
import { add, type Outcome } from "./test/outcome.ts";
import { seconds } from "./test/seconds.ts";
import { filesOf, runStage, stages } from "./test/stages.ts";
import { summaryOf } from "./test/summary.ts";

// `npm test [-- FILTER …]`: runs the static checks, the build, and all tests, and counts them together. A filter
// selects test files by their path. If a filter is given and no test runs, that is a failure.
const filters = process.argv.slice(2);
const total: Outcome = { passed: 0, failures: [], skipped: new Map() };
const times: string[] = [];

async function stage(name: string, work: () => Promise<Outcome | readonly Outcome[]>): Promise<void> {
  const startedAt = performance.now();
  for (const outcome of [await work()].flat()) add(total, outcome);
  times.push(`${name} ${seconds(startedAt)}`);
}

await stage("checks", staticChecks);
await stage("build", () => check("build", buildApp));
const checked = total.passed + total.failures.length;
for (const one of stages) {
  const files = await filesOf(one, filters);
  if (files.length > 0) await stage(one.name, () => runStage(one, files));
}
if (filters.length > 0 && total.passed + total.failures.length === checked) {
  const reason = total.skipped.size > 0 ? "all of them were skipped" : "none has it in its path";
  total.failures.push(`no test ran for ${filters.join(" or ")}: ${reason}`);
}

for (const line of summaryOf(total, times)) console.log(line);
process.exit(total.failures.length === 0 ? 0 : 1);
