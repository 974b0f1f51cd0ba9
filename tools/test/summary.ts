import type { Outcome } from "./outcome.ts";

/** The last lines that `npm test` prints. The counts are the very last line, so that scripts can read them. */
export function summaryOf({ passed, failures, skipped }: Outcome, times: readonly string[]): string[] {
  const reasons = [...skipped].map(
    ([reason, count]) => `Skipped ${count} ${count === 1 ? "test" : "tests"}: ${reason}`,
  );
  const sum = [...skipped.values()].reduce((total, count) => total + count, 0);
  const counts = `${passed} passed, ${failures.length} failed${sum > 0 ? `, ${sum} skipped` : ""}`;
  return [...failures.map((failure) => `✗ ${failure}`), `Time: ${times.join(", ")}`, ...reasons, counts];
}
