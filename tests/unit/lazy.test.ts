import { expect, test } from "vitest";
import { lazy } from "../../src/adapters/lib/lazy.ts";

test("a value is created on first use, and once, however many callers wait for it", async () => {
  let made = 0;
  const get = lazy(async () => ++made);
  expect(made).toBe(0);
  expect(await Promise.all([get(), get(), get()])).toEqual([1, 1, 1]);
  expect(made).toBe(1);
});

test("a failed attempt is repeated on the next use", async () => {
  let tries = 0;
  const get = lazy(async () => {
    if (++tries === 1) throw new Error("not now");
    return tries;
  });
  await expect(get()).rejects.toThrow("not now");
  expect(await get()).toBe(2);
});
