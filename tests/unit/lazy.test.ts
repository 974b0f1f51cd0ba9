import { expect, test } from "vitest";
import { later, portOf } from "../../src/adapters/lib/lazy.ts";

const adapter = { port: { double: async (n: number) => n * 2 } };

test("it is made at its first use and once, however many wait for it", async () => {
  let made = 0;
  const get = later(async () => ++made);
  expect([made, get.made]).toEqual([0, undefined]);
  expect(await Promise.all([get(), get(), get()])).toEqual([1, 1, 1]);
  expect([made, get.made]).toEqual([1, 1]);
});

test("what could not be made is made at the next use", async () => {
  let tries = 0;
  const get = later(async () => {
    if (++tries === 1) throw new Error("not now");
    return tries;
  });
  await expect(get()).rejects.toThrow("not now");
  expect(get.made).toBeUndefined();
  expect(await get()).toBe(2);
});

test("a port loads its adapter with the first call, and passes on arguments, results and failures", async () => {
  let loads = 0;
  const port = portOf(
    later(async () => {
      loads++;
      return { port: { ...adapter.port, fail: async () => Promise.reject(new Error("no")) } };
    }),
    (loaded) => loaded.port,
  );
  expect(loads).toBe(0);
  expect(await port.double(2)).toBe(4);
  expect(await port.double(3)).toBe(6);
  await expect(port.fail()).rejects.toThrow("no");
  expect(loads).toBe(1);
});

test("a call to a loaded adapter is there before the caller goes on", async () => {
  const order: string[] = [];
  const get = later(async () => ({ note: async () => void order.push("adapter") }));
  const port = portOf(get, (loaded) => loaded);
  await get();
  const noted = port.note();
  order.push("caller");
  await noted;
  expect(order).toEqual(["adapter", "caller"]);
});
