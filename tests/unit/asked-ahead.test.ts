import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { askedAhead } from "../../src/adapters/asked-ahead.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("nobody waits where nothing was asked ahead", async () => {
  const ask = vi.fn();
  await askedAhead(ask, 1_000).over();
  expect(ask).not.toHaveBeenCalled();
});

test.each([
  ["it is there", async () => "a token"],
  ["it was refused", async () => Promise.reject(new Error("refused"))],
])("the wait is over when %s", async (_, ask) => {
  const ahead = askedAhead(ask, 1_000);
  ahead.ask();
  await expect(ahead.over()).resolves.toBeUndefined();
});

test("where no answer comes the wait ends after a fifth of the time of one who asks, and the asking is aborted", async () => {
  const signals: AbortSignal[] = [];
  const ahead = askedAhead((signal) => {
    signals.push(signal);
    return new Promise(() => {});
  }, 1_000);
  ahead.ask();
  let isOver = false;
  void ahead.over().then(() => {
    isOver = true;
  });
  await vi.advanceTimersByTimeAsync(199);
  expect([isOver, signals[0]?.aborted]).toEqual([false, false]);
  await vi.advanceTimersByTimeAsync(1);
  expect([isOver, signals[0]?.aborted]).toEqual([true, true]);
});
