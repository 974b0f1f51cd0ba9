import { beforeEach, expect, test } from "vitest";
import { onceASecond } from "../../src/adapters/lib/shared-reads.ts";

let now: number;
let share: ReturnType<typeof onceASecond<string, number>>;
let done: number;
const work = async () => ++done;

beforeEach(() => {
  now = 1_000;
  done = 0;
  share = onceASecond({ elapsed: () => now });
});

test("within a second the work is done once, and shared", async () => {
  expect(await Promise.all([share("a", work), share("a", work)])).toEqual([1, 1]);
  now += 999;
  expect(await share("a", work)).toBe(1);
  now += 1;
  expect(await share("a", work)).toBe(2);
});

test("each key has its own", async () => {
  expect([await share("a", work), await share("b", work)]).toEqual([1, 2]);
});

test("work that takes longer is shared until it is done", async () => {
  const slow = Promise.withResolvers<number>();
  const first = share("a", () => slow.promise);
  now += 5_000;
  const second = share("a", work);
  slow.resolve(7);
  expect(await Promise.all([first, second])).toEqual([7, 7]);
  expect(await share("a", work)).toBe(1);
});

test("a failure is shared too, and work that failed is done again", async () => {
  const failing = () => Promise.reject(new Error("no"));
  await expect(share("a", failing)).rejects.toThrow("no");
  await expect(share("a", work)).rejects.toThrow("no");
  now += 1_000;
  expect(await share("a", work)).toBe(1);
});
