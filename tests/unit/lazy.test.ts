import { expect, test } from "vitest";
import { lazy } from "../../src/adapters/lib/lazy.ts";

test("it is made when it is first asked for, and once, however many wait for it", async () => {
  let made = 0;
  const get = lazy(async () => ++made);
  expect(made).toBe(0);
  expect(await Promise.all([get(), get(), get()])).toEqual([1, 1, 1]);
  expect(made).toBe(1);
});

test("what could not be made is made the next time", async () => {
  let tries = 0;
  const get = lazy(async () => {
    if (++tries === 1) throw new Error("not now");
    return tries;
  });
  await expect(get()).rejects.toThrow("not now");
  expect(await get()).toBe(2);
});
