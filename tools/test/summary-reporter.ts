import { writeSync } from "node:fs";
import type {
  Reporter,
  SerializedError,
  TestCase,
  TestModule,
  TestRunEndReason,
  TestSuite,
} from "vitest/node";

type Task = TestCase | TestSuite | TestModule;

/** Ends a run with each failure and each reason for skipped tests in one line, and the counts as the very last line. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(
    modules: readonly TestModule[],
    unhandled: readonly SerializedError[],
    reason: TestRunEndReason,
  ): void {
    let passed = 0;
    const failures = unhandled.map((error) => `outside of the tests: ${firstLine(error)}`);
    const skipped = new Map<string, number>();
    for (const module of modules) {
      // A suite whose hook failed counts once, and its tests, which did not run, do not count.
      const broken = [module, ...module.children.allSuites()].filter((suite) => suite.errors().length > 0);
      for (const suite of broken) failures.push(`${nameOf(suite)}: ${firstLine(suite.errors()[0])}`);
      for (const test of module.children.allTests()) {
        const { state, errors = [] } = test.result();
        if (state === "passed") passed++;
        else if (state === "failed") failures.push(`${nameOf(test)}: ${firstLine(errors[0])}`);
        else if (!ancestors(test).some((suite) => broken.includes(suite as TestSuite))) {
          const why = whySkipped(test);
          if (why !== undefined) skipped.set(why, (skipped.get(why) ?? 0) + 1);
          else
            failures.push(
              `${nameOf(test)}: ${reason === "interrupted" ? "interrupted" : "skipped without a reason"}`,
            );
        }
      }
    }
    if (modules.length === 0) failures.push("no test file matches");
    else if (passed + failures.length === 0) failures.push("every test was skipped");
    const sum = [...skipped.values()].reduce((total, count) => total + count, 0);
    const lines = [
      ...failures.map((failure) => `✗ ${failure}`),
      ...[...skipped].map(([why, count]) => `Skipped ${count} ${count === 1 ? "test" : "tests"}: ${why}`),
      `${passed} passed, ${failures.length} failed${sum > 0 ? `, ${sum} skipped` : ""}`,
    ];
    process.on("exit", () => {
      if (failures.length > 0) process.exitCode = 1;
      writeSync(1, `${lines.join("\n")}\n`);
    });
  }
}

/** A test's suites and its module, innermost first. */
function ancestors(test: TestCase): (TestSuite | TestModule)[] {
  const found: (TestSuite | TestModule)[] = [];
  for (let place: Task = test; place.type !== "module"; found.push(place)) place = place.parent;
  return found;
}

/** The reason that `context.skip` got, or that the test or a suite of it has. */
function whySkipped(test: TestCase): string | undefined {
  const result = test.result();
  const note = result.state === "skipped" ? result.note : undefined;
  return (
    note ?? [test, ...ancestors(test)].map((task) => task.meta().skipped).find((why) => why !== undefined)
  );
}

function nameOf(task: Task): string {
  if (task.type === "module") return task.relativeModuleId;
  return `${task.module.relativeModuleId} > ${task.fullName}`;
}

function firstLine(error: { readonly message: string } | undefined): string {
  return error?.message.split("\n", 1)[0] ?? "did not finish";
}
