import { beforeEach, expect, test } from "vitest";
import { shareWhileCostly } from "../../src/adapters/lib/share-while-costly.ts";

let now: number;
let done: number;
let share: (key: string, work: () => Promise<number>) => Promise<number>;
/** Work that takes so long. */
const taking = (ms: number) => async () => {
  await Promise.resolve();
  now += ms;
  return ++done;
};

beforeEach(() => {
  now = 1_000;
  done = 0;
  share = shareWhileCostly({ elapsed: () => now });
});

test("work in progress is shared, and each key has its own", async () => {
  const all = [share("a", taking(5)), share("a", taking(5)), share("b", taking(5))];
  expect(await Promise.all(all)).toEqual([1, 1, 2]);
});

test("work that took 600 ms is shared for another 600 ms, and then done again", async () => {
  await share("a", taking(600));
  now += 599;
  expect(await share("a", taking(600))).toBe(1);
  now += 1;
  expect(await share("a", taking(600))).toBe(2);
});

test("work that took no time is done each time", async () => {
  expect([await share("a", taking(0)), await share("a", taking(0))]).toEqual([1, 2]);
});

test("a failure is shared only with the callers that wait for it", async () => {
  const failing = async () => {
    await taking(100)();
    throw new Error("no");
  };
  const both = [share("a", failing), share("a", failing)];
  for (const one of both) await expect(one).rejects.toThrow("no");
  expect(done).toBe(1);
  expect(await share("a", taking(1))).toBe(2);
});
