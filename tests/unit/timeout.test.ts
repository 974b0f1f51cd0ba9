import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { untilAborted, withTimeout } from "../../src/adapters/lib/timeout.ts";
import { DependencyError } from "../../src/domain/dependency-error.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] }));
afterEach(() => void vi.useRealTimers());

const TIME_IS_OVER = "No response within 1000 ms";
const waitingFor = new DependencyError("directory_unavailable", "waiting for a token");
const after = (ms: number, end: () => string) =>
  new Promise<string>((resolve, reject) => {
    setTimeout(() => {
      try {
        resolve(end());
      } catch (error) {
        reject(error);
      }
    }, ms);
  });
const fail = (error: unknown) => () => {
  throw error;
};

test.each<[does: string, operation: (signal: AbortSignal) => Promise<string>, expected: string, ms: number]>([
  ["answers in time", () => after(999, () => "answer"), "answer", 999],
  ["fails in time", () => after(999, fail(new Error("no"))), "no", 999],
  ["ignores the signal", () => new Promise(() => {}), TIME_IS_OVER, 1_000],
  ["answers too late", () => after(1_001, () => "answer"), TIME_IS_OVER, 1_000],
  [
    "ends with the signal, whatever its error",
    (signal) => untilAborted(signal, new Promise<never>(() => {})).catch(fail(new Error("aborted"))),
    TIME_IS_OVER,
    1_000,
  ],
  [
    "ends with the signal and says what it was waiting for",
    (signal) => untilAborted(signal, new Promise<never>(() => {})).catch(fail(waitingFor)),
    waitingFor.message,
    1_000,
  ],
  ["has an equal one inside", () => withTimeout(1_000, () => new Promise(() => {})), TIME_IS_OVER, 1_000],
  [
    "has an equal limit inside, set last",
    async () => {
      await sleep(0);
      return await withTimeout(1_000, () => new Promise(() => {}));
    },
    TIME_IS_OVER,
    1_000,
  ],
])("an operation that %s", async (_, operation, expected, ms) => {
  const startedAt = Date.now();
  const result = withTimeout(1_000, operation).catch((error: Error) => error.message);
  const timed = result.then((outcome) => [outcome, Date.now() - startedAt]);
  await vi.runAllTimersAsync();
  expect(await timed).toEqual([expected, ms]);
});

test("the signal is aborted when the time is up, with the same error, and not before", async () => {
  let seen: AbortSignal | undefined;
  const result = withTimeout(1_000, (signal) => {
    seen = signal;
    return new Promise(() => {});
  }).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(999);
  expect(seen?.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(seen?.reason).toBe(await result);
});

test("an operation that ends in time leaves no timer behind", async () => {
  await withTimeout(1_000, async () => "answer");
  expect(vi.getTimerCount()).toBe(0);
});

test("what nobody waits for, because its signal is aborted already, fails without being reported as a defect", async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on("unhandledRejection", note);
  const waited = untilAborted(AbortSignal.abort(waitingFor), Promise.reject(new Error("late")));
  await expect(waited).rejects.toBe(waitingFor);
  await new Promise(setImmediate);
  process.off("unhandledRejection", note);
  expect(unhandled).toEqual([]);
});
