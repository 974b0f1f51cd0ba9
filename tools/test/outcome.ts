import type { TestCase, TestModule, TestSuite, Vitest } from "vitest/node";
import { findNeed, type Need } from "./needs.ts";

/** What came of some tests. */
export interface Outcome {
  passed: number;
  /** Failed tests, and what failed outside of every test: modules, hooks, unhandled errors. */
  failed: number;
  /** How many tests did not run, by the reason. */
  readonly skipped: Map<string, number>;
}

/** Adds the second to the first. */
export function add(sum: Outcome, { passed, failed, skipped }: Outcome): void {
  sum.passed += passed;
  sum.failed += failed;
  for (const [reason, count] of skipped) sum.skipped.set(reason, (sum.skipped.get(reason) ?? 0) + count);
}

/** Counts the tests of a run that has ended, and says on the console which skipped tests count as failed. */
export async function outcomeOf({ state }: Vitest): Promise<Outcome> {
  const outcome: Outcome = { passed: 0, failed: state.getUnhandledErrors().length, skipped: new Map() };
  for (const module of state.getTestModules()) {
    // A module that does not load and a hook that throws leave no failed test behind.
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
      `✗ ${test.module.relativeModuleId} > ${test.fullName}\n  skipped, although nothing it needs is missing`,
    );
  }
  return { passed: 0, failed: 1, skipped: new Map() };
}

/** Null if there is no good reason. */
async function whySkipped(test: TestCase): Promise<string | null> {
  let need: Need | undefined;
  for (let place: TestCase | TestSuite | TestModule = test; ; place = place.parent) {
    if (place.type !== "test" && place.errors().length > 0) return "the setup of their suite failed";
    need ??= place.meta().need;
    if (place.type === "module") break;
  }
  return need === undefined ? null : await findNeed(need);
}
