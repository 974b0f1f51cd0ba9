import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { shareInFlight } from "../../src/adapters/lib/share-in-flight.ts";
import { systemClock } from "../../src/adapters.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Work of 300 ms each: `undefined` never ends, an error fails. Returns what callers get that come at these times. */
async function outcomes(work: readonly (string | Error | undefined)[], arrivals: readonly number[]) {
  let done = 0;
  const shared = shareInFlight(
    systemClock,
    () =>
      new Promise<string>((resolve, reject) => {
        const result = work[done++];
        if (result === undefined) return;
        setTimeout(() => (result instanceof Error ? reject(result) : resolve(result)), 300);
      }),
  );
  const callers = arrivals.map(async (at) => {
    await new Promise((resolve) => setTimeout(resolve, at));
    const outcome = await shared.get(1_000).catch((error: Error) => error.message);
    // To 10 ms: the fake clock counts a turn as a millisecond.
    return `${outcome} at ${Math.round((performance.now() - startedAt) / 10) * 10}`;
  });
  const startedAt = performance.now();
  await vi.runAllTimersAsync();
  return [...(await Promise.all(callers)), done];
}
const no = new Error("no");
const LATE = "No response within 1000 ms";

test.each<[string, readonly (string | Error | undefined)[], readonly number[], readonly unknown[]]>([
  ["callers at the same time share it", ["a"], [0, 100], ["a at 300", "a at 300", 1]],
  ["the next caller does it again", ["a", "b"], [0, 400], ["a at 300", "b at 700", 2]],
  ["its failure is its own caller's", [no], [0], ["no at 300", 1]],
  ["a caller that joined repeats it after a failure", [no, "b"], [0, 100], ["no at 300", "b at 600", 2]],
  ["those that joined share that again", [no, "b"], [0, 1, 2], ["no at 300", "b at 600", "b at 600", 2]],
  [
    "a failure of work that started after they came is theirs, too",
    [no, no, "c"],
    [0, 1, 2],
    ["no at 300", "no at 600", "no at 600", 2],
  ],
  [
    "one that joined what hangs has time left",
    [undefined, "b"],
    [0, 500],
    [`${LATE} at 1000`, "b at 1300", 2],
  ],
  [
    "none waits beyond its limit",
    [undefined, undefined],
    [0, 500],
    [`${LATE} at 1000`, `${LATE} at 1500`, 2],
  ],
])("shared work: %s", async (_, work, arrivals, expected) => {
  expect(await outcomes(work, arrivals)).toEqual(expected);
});
