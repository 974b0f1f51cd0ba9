import type { Outcome } from "./outcome.ts";

/** What `npm test` ends with, line by line; the counts come last, for whoever reads only that. */
export function summaryOf({ passed, failed, skipped }: Outcome, times: readonly string[]): string[] {
  const reasons = [...skipped].map(
    ([reason, count]) => `Skipped ${count} ${count === 1 ? "test" : "tests"}: ${reason}`,
  );
  const sum = [...skipped.values()].reduce((total, count) => total + count, 0);
  const counts = `${passed} passed, ${failed} failed${sum > 0 ? `, ${sum} skipped` : ""}`;
  return [`Time: ${times.join(", ")}`, ...reasons, counts];
}
