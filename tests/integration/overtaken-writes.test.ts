import { setTimeout as sleep } from "node:timers/promises";
import type { TableClient } from "@azure/data-tables";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { createRegistrationTable } from "../../src/adapters/tables/registration-table.ts";
import { createTableClient } from "../../src/adapters/tables/table-operations.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import type { RegistrationStore } from "../../src/domain/registration.ts";
import { AGENT, CLIENT, serviceConfig } from "../support/app-registration.ts";
import { azuriteTables } from "../support/azurite-tables.ts";
import { lostAnswer, onlyTheFirst } from "../support/fault-proxy.ts";

const agent = AGENT as ClientId;
const TIMEOUT_MS = 20_000;

const tables = azuriteTables();
let table: TableClient;
let newStore: () => RegistrationStore;

beforeEach(async () => {
  const connection = tables.throughProxy;
  const name = tables.newName();
  table = createTableClient(connection, name);
  await table.createTable();
  newStore = () => createRegistrationTable(createTableClient(connection, name), TIMEOUT_MS, clock);
});

/** Later than all that is asked for. */
const clock = { now: () => timeOf(59), elapsed: () => performance.now() };

/** A registration with enforcement, one without, a removal. */
type Change = "on" | "off" | "remove";

/** As if asked for `n` seconds after all began. */
const timeOf = (n: number) => new Date(Date.UTC(2026, 10, 24, 9) + n * 1_000);

async function make(store: RegistrationStore, change: Change, n: number) {
  if (change === "remove") return await store.remove(agent, timeOf(n));
  return await store.put(agent, serviceConfig(change === "on"), timeOf(n));
}

/** The current state, in the form of the change that would have produced it. */
async function standing(): Promise<[Change, Date | undefined]> {
  const found = await newStore().find(agent);
  if (found === undefined) return ["remove", undefined];
  return [found.enforceClientAuthz ? "on" : "off", found.updatedAt];
}
const expected = (change: Change, n: number) => [change, change === "remove" ? undefined : timeOf(n)];

/** Whether a write is the n-th change's. */
const writes = (n: number, body: string) => body.includes(`"updatedAt":"${timeOf(n).toISOString()}"`);

/** Holds the requests of the n-th change until they are released. */
const hold = (n: number, kind: "write" | "read" = "write") =>
  tables.proxy.hold(({ method, body }) => (kind === "read" ? method === "GET" : writes(n, body)));

/**
 * Holds the requests of the n-th change, and lets its time run out. A fake clock does that, so that only this change
 * exceeds its limit, and others don't on a busy machine.
 */
async function abandon(store: RegistrationStore, change: Change, n: number, kind?: "read") {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const held = hold(n, kind);
    const abandoned = expect(make(store, change, n)).rejects.toMatchObject({ code: "storage_unavailable" });
    await held.arrived();
    vi.advanceTimersByTime(TIMEOUT_MS);
    await abandoned;
    return held;
  } finally {
    vi.useRealTimers();
  }
}

const scenarios: { name: string; before: Change[]; late: Change; later: Change[] }[] = [
  { name: "a late replace after an acknowledged registration", before: ["on"], late: "off", later: ["on"] },
  { name: "a late insert after an acknowledged registration", before: [], late: "off", later: ["on"] },
  { name: "a late insert after a removal", before: ["off", "remove"], late: "off", later: ["on", "remove"] },
  { name: "a late insert after a removal of nothing", before: [], late: "off", later: ["remove"] },
  { name: "a late replace after a removal", before: ["on"], late: "off", later: ["remove"] },
  {
    name: "a late registration after a removal of what was removed",
    before: ["on", "remove"],
    late: "off",
    later: ["remove"],
  },
  {
    name: "a late removal after an acknowledged registration",
    before: ["on"],
    late: "remove",
    later: ["off"],
  },
  {
    name: "a late removal of nothing after an acknowledged registration",
    before: [],
    late: "remove",
    later: ["off"],
  },
  {
    name: "a late replace after a removal and a new registration",
    before: ["off"],
    late: "off",
    later: ["remove", "on"],
  },
];

// Within 2 s, the clocks of two instances tell nothing.
describe.each([
  { instances: "one instance", apart: 1, isOrdered: true },
  { instances: "two instances, 3 s apart", apart: 3, isOrdered: true },
  { instances: "two instances, 1 s apart", apart: 1, isOrdered: false },
])("on $instances,", ({ instances, apart, isOrdered }) => {
  const otherThan = (store: RegistrationStore) => (instances === "one instance" ? store : newStore());
  const refused = { code: "storage_unavailable", retryAfterSeconds: 3 };

  test.each(scenarios)(`$name changes nothing, and ${isOrdered ? "succeeds" : "fails"}`, async (scenario) => {
    const { before, late, later } = scenario;
    const store = newStore();
    const other = otherThan(store);
    for (const [n, change] of before.entries()) await make(store, change, n);
    const held = hold(10);
    const overtaken = make(store, late, 10).catch((error: unknown) => error);
    await held.arrived();
    // Of two changes of the other instance, both are as close.
    for (const [n, change] of later.entries()) await make(other, change, 10 + apart + n / 10);
    await held.release();
    const last = 10 + apart + (later.length - 1) / 10;
    const registration = { enforceClientAuthz: late === "on", updatedAt: timeOf(10) };
    if (!isOrdered) expect(await overtaken).toMatchObject(refused);
    else if (late !== "remove") expect(await overtaken).toMatchObject({ registration });
    else expect(await overtaken).toBeUndefined();
    expect(await standing()).toEqual(expected(later.at(-1) as Change, last));
  });

  // The condition of the second write is broken by a change that was asked for before it, and answered 503.
  test.each<[Change, Change, Change[]]>([
    ["off", "on", ["on"]],
    ["off", "on", []],
    ["off", "remove", ["on"]],
    ["off", "remove", []],
    ["remove", "on", ["off"]],
    ["remove", "on", []],
  ])("a late %s, executed during a later %s of %j, does not win", async (late, later, before) => {
    const store = newStore();
    for (const [n, change] of before.entries()) await make(store, change, n);
    const first = await abandon(store, late, 10);
    const second = hold(10 + apart);
    const making = make(otherThan(store), later, 10 + apart).catch((error: unknown) => error);
    await second.arrived();
    await first.release();
    await second.release();
    // Nobody knows that the removal was requested first.
    const isRefused = late === "remove" && !isOrdered;
    if (isRefused) expect(await making).toMatchObject(refused);
    else expect(await making).not.toBeInstanceOf(Error);
    expect(await standing()).toEqual(isRefused ? expected("remove", 10) : expected(later, 10 + apart));
  });
});

test.each([1, 2])(
  "of 200 registrations at once on %d instances each succeeds with its own values, one of them as the first",
  async (instances) => {
    const stores = Array.from({ length: instances }, newStore);
    const requests = tables.proxy.requests;
    const now = (n: number) => new Date(timeOf(0).getTime() + n);
    // On one instance, the last one stands, whatever it is.
    const isEnforced = (n: number) => instances === 2 || n % 2 === 0;
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        stores[n % instances]?.put(agent, serviceConfig(isEnforced(n), [`d${n}`]), now(n)),
      ),
    );
    expect(answers.filter((answer) => answer?.created)).toHaveLength(1);
    expect(new Set(answers.map((answer) => answer?.registration.registeredAt.getTime())).size).toBe(1);
    for (const [n, answer] of answers.entries()) {
      const own = {
        enforceClientAuthz: isEnforced(n),
        limits: {},
        deployments: [`d${n}`],
        updatedAt: now(n),
      };
      expect(answer?.registration).toMatchObject(own);
    }
    if (instances === 1) expect(await standing()).toEqual(["off", now(199)]);
    // A read and a write each, and a read of the result; few write more than once.
    expect(tables.proxy.requests - requests).toBeLessThan(200 * 4);
  },
);

test("of an agent's first registrations that lost to one removal, exactly one counts as new", async () => {
  const store = newStore();
  const agents = [agent, CLIENT as ClientId, agent, CLIENT as ClientId];
  const held = agents.map((_, n) => hold(10 + n));
  const registering = agents.map((one, n) => store.put(one, serviceConfig(true), timeOf(10 + n)));
  for (const one of held) await one.arrived();
  for (const one of agents.slice(0, 2)) await store.remove(one, timeOf(20));
  const answers = [];
  for (const [n, one] of held.entries()) {
    await one.release();
    answers.push(await registering[n]);
  }
  expect(answers.map((answer) => [answer?.created, answer?.registration.registeredAt])).toEqual([
    [true, timeOf(10)],
    [true, timeOf(11)],
    [false, timeOf(10)],
    [false, timeOf(11)],
  ]);
  expect(await standing()).toEqual(expected("remove", 20));
});

test("a registration with a slow read does not overwrite a later one of the same instance", async () => {
  const store = newStore();
  await store.put(agent, serviceConfig(true), timeOf(0));
  const held = hold(10, "read");
  const overtaken = store.put(agent, serviceConfig(false), timeOf(10));
  await held.arrived();
  held.end();
  await store.put(agent, serviceConfig(true), timeOf(11));
  await held.release();
  expect(await overtaken).toMatchObject({ created: false, registration: { enforceClientAuthz: false } });
  expect(await standing()).toEqual(expected("on", 11));
});

test.each<[Change, Change[]]>([
  ["on", []],
  ["on", ["off"]],
  ["remove", ["on"]],
])("a change to %s whose read was abandoned writes nothing afterwards", async (change, before) => {
  const store = newStore();
  for (const [n, one] of before.entries()) await make(store, one, n);
  const held = await abandon(store, change, 10, "read");
  const writes = tables.proxy.fail(
    ({ method }) => method !== "GET",
    (response) => response.destroy(),
  );
  await held.release();
  await sleep(200);
  writes.end();
  expect(writes.hits).toBe(0);
});

test.each<[string, Change[], boolean]>([
  ["an insert", [], true],
  ["a replace", ["off"], false],
  ["a registration after a removal", ["off", "remove"], true],
])("if the answer to %s is lost, the retry finds its own write", async (_, before, created) => {
  const store = newStore();
  for (const [n, change] of before.entries()) await make(store, change, n);
  const failing = tables.proxy.fail(({ method }) => method !== "GET", onlyTheFirst(1, lostAnswer));
  const answer = await store.put(agent, serviceConfig(true), timeOf(10));
  failing.end();
  expect(failing.hits).toBe(2);
  const registeredAt = timeOf(created ? 10 : 0);
  expect(answer).toEqual({
    created,
    registration: { agent, ...serviceConfig(true), registeredAt, updatedAt: timeOf(10) },
  });
  expect(await standing()).toEqual(expected("on", 10));
});

test("a first registration still counts as new if it was replaced before its retry", async () => {
  const [store, other] = [newStore(), newStore()];
  const held = hold(10);
  const failing = tables.proxy.fail(({ body }) => writes(10, body), onlyTheFirst(1, lostAnswer));
  const first = store.put(agent, serviceConfig(true), timeOf(10));
  while (failing.hits === 0) await sleep(5);
  failing.end();
  await held.arrived();
  expect((await other.put(agent, serviceConfig(false), timeOf(13))).created).toBe(false);
  await held.release();
  expect(await first).toMatchObject({ created: true, registration: { enforceClientAuthz: true } });
  expect(await standing()).toEqual(expected("off", 13));
});

test("two instances that create the table concurrently have one first registration", async () => {
  await table.deleteTable();
  const stores = [newStore(), newStore()];
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) => stores[n % 2]?.put(agent, serviceConfig(true), timeOf(n))),
  );
  expect(answers.filter((answer) => answer?.created)).toHaveLength(1);
});
