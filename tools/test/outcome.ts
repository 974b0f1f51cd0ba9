import type { TestCase, TestModule, TestSuite, Vitest } from "vitest/node";
import { findNeed, type Need } from "./needs.ts";

/** The result of a test run. */
export interface Outcome {
  passed: number;
  /** What failed and why, a line each: tests, and what fails outside of tests (modules, hooks, unhandled errors). */
  readonly failures: string[];
  /** The number of skipped tests for each reason. */
  readonly skipped: Map<string, number>;
}

/** Adds an outcome to a sum. */
export function add(sum: Outcome, { passed, failures, skipped }: Outcome): void {
  sum.passed += passed;
  sum.failures.push(...failures);
  for (const [reason, count] of skipped) sum.skipped.set(reason, (sum.skipped.get(reason) ?? 0) + count);
}

/** Counts the tests of a finished run. Tests that were skipped for no reason count as failed. */
export async function outcomeOf({ state }: Vitest): Promise<Outcome> {
  const failures = state.getUnhandledErrors().map((error) => failure("outside of the tests", [error]));
  const outcome: Outcome = { passed: 0, failures, skipped: new Map() };
  for (const module of state.getTestModules()) {
    // If a module can't be loaded or a hook throws, no test fails.
    for (const suite of [module, ...module.children.allSuites()]) {
      if (suite.errors().length > 0) failures.push(failure(nameOf(suite), suite.errors()));
    }
    for (const test of module.children.allTests()) add(outcome, await outcomeOfTest(test));
  }
  return outcome;
}

async function outcomeOfTest(test: TestCase): Promise<Outcome> {
  const { state, errors = [] } = test.result();
  if (state === "passed") return { passed: 1, failures: [], skipped: new Map() };
  if (state === "skipped") {
    const reason = await whySkipped(test);
    if (reason !== null) return { passed: 0, failures: [], skipped: new Map([[reason, 1]]) };
  }
  const unneeded = { message: "skipped, although nothing that it needs is missing" };
  const failures = [failure(nameOf(test), state === "skipped" ? [unneeded] : errors)];
  return { passed: 0, failures, skipped: new Map() };
}

function nameOf(task: TestCase | TestSuite | TestModule): string {
  return task.type === "module"
    ? task.relativeModuleId
    : `${task.module.relativeModuleId} > ${task.fullName}`;
}

/** One line about a failure: where, and the first line of its first error. */
function failure(where: string, [error = "did not finish"]: readonly unknown[]): string {
  const { message = error } = Object(error);
  return `${where}: ${String(message).split("\n", 1)[0]}`;
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
