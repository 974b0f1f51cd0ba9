import type { Outcome } from "./outcome.ts";

/** The last lines that `npm test` prints. The counts are the very last line, so that scripts can read them. */
export function summaryOf({ passed, failed, skipped }: Outcome, times: readonly string[]): string[] {
  const reasons = [...skipped].map(
    ([reason, count]) => `Skipped ${count} ${count === 1 ? "test" : "tests"}: ${reason}`,
  );
  const sum = [...skipped.values()].reduce((total, count) => total + count, 0);
  const counts = `${passed} passed, ${failed} failed${sum > 0 ? `, ${sum} skipped` : ""}`;
  return [`Time: ${times.join(", ")}`, ...reasons, counts];
}
