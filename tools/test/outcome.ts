import type { TestCase, TestModule, TestSuite, Vitest } from "vitest/node";
import { findNeed, type Need } from "./needs.ts";

/** The result of a test run. */
export interface Outcome {
  passed: number;
  /** Failed tests, and failures outside of tests: modules, hooks, unhandled errors. */
  failed: number;
  /** The number of skipped tests for each reason. */
  readonly skipped: Map<string, number>;
}

/** Adds an outcome to a sum. */
export function add(sum: Outcome, { passed, failed, skipped }: Outcome): void {
  sum.passed += passed;
  sum.failed += failed;
  for (const [reason, count] of skipped) sum.skipped.set(reason, (sum.skipped.get(reason) ?? 0) + count);
}

/** Counts the tests of a finished run. Prints the tests that were skipped for no reason; they count as failed. */
export async function outcomeOf({ state }: Vitest): Promise<Outcome> {
  const outcome: Outcome = { passed: 0, failed: state.getUnhandledErrors().length, skipped: new Map() };
  for (const module of state.getTestModules()) {
    // If a module can't be loaded or a hook throws, no test fails.
    const suites = [module, ...module.children.allSuites()];
    outcome.failed += suites.filter((suite) => suite.errors().length > 0).length;
    for (const test of module.children.allTests()) add(outcome, await outcomeOfTest(test));
  }
  return outcome;
}

async function outcomeOfTest(test: TestCase): Promise<Outcome> {
  const { state } = test.result();
  if (state === "passed") return { passed: 1, failed: 0, skipped: new Map() };
  if (state === "skipped") {
    const reason = await whySkipped(test);
    if (reason !== null) return { passed: 0, failed: 0, skipped: new Map([[reason, 1]]) };
    console.log(
      `✗ ${test.module.relativeModuleId} > ${test.fullName}\n  skipped, although nothing that it needs is missing`,
    );
  }
  return { passed: 0, failed: 1, skipped: new Map() };
}

/** Returns why a test was skipped, or null if there is no valid reason. */
async function whySkipped(test: TestCase): Promise<string | null> {
  let need: Need | undefined;
  for (let place: TestCase | TestSuite | TestModule = test; ; place = place.parent) {
    if (place.type !== "test" && place.errors().length > 0) return "the setup of the suite failed";
    need ??= place.meta().need;
    if (place.type === "module") break;
  }
  return need === undefined ? null : await findNeed(need);
}
