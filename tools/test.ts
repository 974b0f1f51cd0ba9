import { spawn } from "node:child_process";
import { join } from "node:path";
import { startVitest, type TestCase } from "vitest/node";
import { buildApp } from "./build.ts";
import { examplesDirectory, installExamples } from "./examples.ts";
import { repositoryRoot } from "./repository.ts";

// `npm test [filter …]`: everything that must hold on main, counted together. A filter narrows the tests only.

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

const count: Count = { passed: 0, failed: 0, skipped: 0 };

/** Runs one check that is no test of its own, and counts it as one. */
async function check(name: string, work: () => Promise<unknown>): Promise<void> {
  const startedAt = performance.now();
  try {
    await work();
    count.passed++;
    console.log(`✓ ${name} (${seconds(startedAt)} s)`);
  } catch (error) {
    count.failed++;
    console.log(`✗ ${name} (${seconds(startedAt)} s)\n${error instanceof Error ? error.message : error}`);
  }
}

/** Runs a package's command; its output is shown where it fails or says anything at all, a warning for one. */
async function command(name: string, ...args: string[]): Promise<void> {
  const bin = join(repositoryRoot, "node_modules", ".bin", name);
  const child = spawn(bin, args, { cwd: repositoryRoot, shell: process.platform === "win32" });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const code = await new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (code !== 0) throw new Error(`${output}${name} ${args.join(" ")}: exit code ${code}`);
}

async function runTests(filters: string[]): Promise<void> {
  const vitest = await startVitest("test", filters, { watch: false, root: repositoryRoot });
  const tests = vitest.state.getTestModules().flatMap((module) => [...module.children.allTests()]);
  for (const test of tests) count[stateOf(test)]++;
  // A module that does not load has no test to fail, and an error outside of all tests belongs to none.
  const broken = vitest.state.getTestModules().filter((module) => module.errors().length > 0);
  count.failed += broken.length + vitest.state.getUnhandledErrors().length;
  if (tests.length === 0) count.failed++;
  await vitest.close();
}

function stateOf(test: TestCase): keyof Count {
  const { state } = test.result();
  return state === "pending" ? "failed" : state;
}

function seconds(startedAt: number): string {
  return ((performance.now() - startedAt) / 1_000).toFixed(1);
}

await Promise.all([
  check("types", () => command("tsc", "--noEmit")),
  check("format, lint, layers", () => command("biome", "ci", "--error-on-warnings", ".")),
  check("examples: types", async () => {
    await installExamples();
    await command("tsc", "--project", examplesDirectory);
  }),
  check("unused code and dependencies", () => command("knip", "--treat-config-hints-as-errors")),
]);
await check("build", buildApp);
await runTests(process.argv.slice(2));

// Where everything that tests need is there, a test that is skipped is one that nobody runs.
const mustRunAll = process.env["LKPS_NOTHING_SKIPPED"] === "1";
const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : "";
console.log(`${count.passed} passed, ${count.failed} failed${skipped}`);
process.exit(count.failed === 0 && !(mustRunAll && count.skipped > 0) ? 0 : 1);
