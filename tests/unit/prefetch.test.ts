import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createPrefetch } from "../../src/adapters/lib/prefetch.ts";

const TIMEOUT_MS = 1_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Answers, or fails, after so many milliseconds. */
const after = (ms: number, answer: string | Error) => () =>
  new Promise<string>((resolve, reject) => {
    setTimeout(() => (answer instanceof Error ? reject(answer) : resolve(answer)), ms);
  });
const no = new Error("no");

test.each<[what: string, ahead: () => Promise<string>, expected: string, ms: number, own: number]>([
  ["in time: its answer, and nothing else is asked", after(150, "ahead"), "ahead", 150, 0],
  ["slowly, and sooner than one's own: its answer", after(450, "ahead"), "ahead", 450, 1],
  ["later than one's own: the own answer", after(900, "ahead"), "own", 500, 1],
  ["never: the own answer", () => new Promise(() => {}), "own", 500, 1],
  ["by a failure: the own answer, at once", after(50, no), "own", 350, 1],
  ["by a failure after one's own was asked: the own answer", after(250, no), "own", 500, 1],
])("asked ahead, and answered %s", async (_, ask, expected, ms, times) => {
  const own = vi.fn(after(300, "own"));
  const ahead = createPrefetch(ask, TIMEOUT_MS);
  ahead.start();
  const startedAt = Date.now();
  const answer = ahead.orFetch(own).then((value) => [value, Date.now() - startedAt]);
  await vi.runAllTimersAsync();
  expect(await answer).toEqual([expected, ms]);
  expect(own).toHaveBeenCalledTimes(times);
});

test("where both fail it is one's own failure that is told", async () => {
  const ahead = createPrefetch(after(50, no), TIMEOUT_MS);
  ahead.start();
  const answer = expect(ahead.orFetch(after(300, new Error("own")))).rejects.toThrow("own");
  await vi.runAllTimersAsync();
  await answer;
});

test("without asking ahead, and after it, one's own is asked at once", async () => {
  const own = vi.fn(async () => "own");
  const ahead = createPrefetch(after(50, "ahead"), TIMEOUT_MS);
  void ahead.orFetch(own);
  expect(own).toHaveBeenCalledTimes(1);
  ahead.start();
  await vi.runAllTimersAsync();
  void ahead.orFetch(own);
  expect(own).toHaveBeenCalledTimes(2);
});
