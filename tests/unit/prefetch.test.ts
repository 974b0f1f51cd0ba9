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

test.each<[what: string, fetch: () => Promise<string>, expected: string, ms: number, own: number]>([
  ["in time: its value, and no other fetch", after(150, "ahead"), "ahead", 150, 0],
  ["slowly, and before the caller's own fetch: its value", after(450, "ahead"), "ahead", 450, 1],
  ["after the caller's own fetch: the caller's value", after(900, "ahead"), "own", 500, 1],
  ["never: the caller's value", () => new Promise(() => {}), "own", 500, 1],
  ["with a failure: the caller's value, fetched at once", after(50, no), "own", 350, 1],
  ["with a failure after the caller's own fetch began: the caller's value", after(250, no), "own", 500, 1],
])("a prefetch that ends %s", async (_, fetch, expected, ms, times) => {
  const own = vi.fn(after(300, "own"));
  const prefetch = createPrefetch(fetch, TIMEOUT_MS);
  prefetch.start();
  const startedAt = Date.now();
  const answer = prefetch.orFetch(own).then((value) => [value, Date.now() - startedAt]);
  await vi.runAllTimersAsync();
  expect(await answer).toEqual([expected, ms]);
  expect(own).toHaveBeenCalledTimes(times);
});

test("if both fail, the caller gets the failure of its own fetch", async () => {
  const prefetch = createPrefetch(after(50, no), TIMEOUT_MS);
  prefetch.start();
  const answer = expect(prefetch.orFetch(after(300, new Error("own")))).rejects.toThrow("own");
  await vi.runAllTimersAsync();
  await answer;
});

test("without a prefetch, and after it, the caller fetches at once", async () => {
  const own = vi.fn(async () => "own");
  const prefetch = createPrefetch(after(50, "ahead"), TIMEOUT_MS);
  void prefetch.orFetch(own);
  expect(own).toHaveBeenCalledTimes(1);
  prefetch.start();
  await vi.runAllTimersAsync();
  void prefetch.orFetch(own);
  expect(own).toHaveBeenCalledTimes(2);
});
