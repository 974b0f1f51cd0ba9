import { setTimeout as sleep } from "node:timers/promises";
import type { TableClient } from "@azure/data-tables";
import { beforeEach, describe, expect, test } from "vitest";
import { createRegistrationTable } from "../../src/adapters/tables/registration-table.ts";
import { createTableClient } from "../../src/adapters/tables/table-operations.ts";
import { systemClock } from "../../src/adapters.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import type { RegistrationStore } from "../../src/domain/registration.ts";
import { AGENT, serviceConfig } from "../support/app-registration.ts";
import { azuriteTables } from "../support/azurite-tables.ts";
import { answer } from "../support/fault-proxy.ts";

const agent = AGENT as ClientId;
const T0 = new Date("2026-11-24T09:00:00.000Z");
const T1 = new Date("2026-11-24T09:00:00.007Z");
/** Later than what storage writes meanwhile: a row without a valid time counts from then. */
const SOON = new Date(Date.now() + 120_000);
const FAR_AHEAD = new Date("2126-11-24T09:00:00.000Z");
const always = () => true;

const tables = azuriteTables();
let table: TableClient;
let registrations: RegistrationStore;

beforeEach(async () => {
  table = createTableClient(tables.throughProxy, tables.newName());
  await table.createTable();
  registrations = createRegistrationTable(table, 20_000, systemClock);
});

const agentOf = (n: number) => `a9e17000-0000-4000-8000-${String(n).padStart(12, "0")}` as ClientId;
const idsOf = (found: readonly { agent: ClientId }[]) => found.map((one) => one.agent);
const rowsLeft = async () =>
  (await Array.fromAsync(table.listEntities())).map((row) => row.partitionKey ?? "");

test("a registration without the columns of later versions is replaced and removed like any other", async () => {
  const times = { registeredAt: T0.toISOString(), updatedAt: T0.toISOString() };
  const keys = { partitionKey: agent, rowKey: "registration" };
  await table.createEntity({ ...keys, enforceClientAuthz: false, ...times });
  const registration = { agent, ...serviceConfig(false), registeredAt: T0, updatedAt: T0 };
  expect(await registrations.find(agent)).toEqual(registration);
  expect(await registrations.put(agent, serviceConfig(true), T1)).toEqual({
    created: false,
    registration: { ...registration, enforceClientAuthz: true, updatedAt: T1 },
  });
  await registrations.remove(agent, T1);
  expect(await registrations.find(agent)).toBeUndefined();
});

test("deployments are kept in their order, and registering again without any removes them", async () => {
  const deployments = ["staging", "canary"];
  const { registration } = await registrations.put(agent, serviceConfig(true, deployments), T1);
  expect(registration.deployments).toEqual(deployments);
  expect(await registrations.find(agent)).toEqual(registration);
  await registrations.put(agent, serviceConfig(true), T1);
  expect((await registrations.find(agent))?.deployments).toEqual([]);
});

test.each([
  ['{"max_live_sessions":3}', { max_live_sessions: 3 }],
  ['{"max_live_sessions":0,"max_session_minutes":"60","other":1}', {}],
  ["[3]", {}],
  ["{", {}],
  [7, {}],
])("of the limits in a row (%j) only valid ones count", async (column, limits) => {
  await table.createEntity({ partitionKey: agent, rowKey: "registration", limits: column });
  expect((await registrations.find(agent))?.limits).toEqual(limits);
});

test.each(["staging", "{}", '{"0":"staging"}', "[", 7, true])(
  "an invalid list of deployments (%j) counts as empty",
  async (column) => {
    const times = { registeredAt: T0.toISOString(), updatedAt: T0.toISOString() };
    await table.createEntity({ partitionKey: agent, rowKey: "registration", deployments: column, ...times });
    expect((await registrations.find(agent))?.deployments).toEqual([]);
  },
);

test("registering again replaces all of the record", async () => {
  await table.createEntity({
    partitionKey: agent,
    rowKey: "registration",
    enforceClientAuthz: false,
    other: "x",
  });
  await registrations.put(agent, serviceConfig(true), SOON);
  expect(await table.getEntity(agent, "registration")).not.toHaveProperty("other");
});

describe.each<[string, Record<string, unknown>]>([
  ["nothing in it", {}],
  ["an opt-out and no times", { enforceClientAuthz: false }],
  [
    "an opt-out and a bad time",
    { enforceClientAuthz: false, registeredAt: "x", updatedAt: T0.toISOString() },
  ],
  ["only numbers", { enforceClientAuthz: 0, registeredAt: 1e300, updatedAt: 7, createdBy: 1, writtenBy: 2 }],
  ["a removal that is not one", { removed: "true", enforceClientAuthz: false }],
])("a record with %s", (_, columns) => {
  beforeEach(() => table.createEntity({ partitionKey: agent, rowKey: "registration", ...columns }));

  test("is enforced, and listed", async () => {
    expect(await registrations.find(agent)).toMatchObject({ agent, enforceClientAuthz: true });
    expect(await registrations.list(undefined, 10)).toMatchObject([{ agent, enforceClientAuthz: true }]);
  });

  test("is replaced", async () => {
    expect(await registrations.put(agent, serviceConfig(false), SOON)).toMatchObject({ created: false });
    expect(await registrations.find(agent)).toMatchObject({ enforceClientAuthz: false, updatedAt: SOON });
  });

  test("is removed", async () => {
    await registrations.remove(agent, SOON);
    expect(await registrations.find(agent)).toBeUndefined();
  });
});

describe("a list", () => {
  /** Registers some agents and removes others, of so many in all. */
  async function prepare(total: number, isRegistered: (n: number) => boolean): Promise<void> {
    // One request each is enough to make a row.
    const rows = Array.from({ length: total }, (_, n) => ({
      partitionKey: agentOf(n),
      rowKey: "registration",
      updatedAt: T0.toISOString(),
      ...(isRegistered(n) ? { enforceClientAuthz: true, registeredAt: T0.toISOString() } : { removed: true }),
    }));
    for (let n = 0; n < total; n += 50) {
      await Promise.all(rows.slice(n, n + 50).map((row) => table.createEntity(row)));
    }
  }

  test("is a failure where storage answers something else", async () => {
    const failing = tables.proxy.fail(always, answer(200, {}));
    await expect(registrations.list(undefined, 2)).rejects.toMatchObject({ code: "storage_unavailable" });
    failing.end();
  });

  test("continues past any number of removed agents, in few round trips", async () => {
    await prepare(700, (n) => n === 0 || n === 690 || n === 695);
    const requests = tables.proxy.requests;
    expect(idsOf(await registrations.list(undefined, 2))).toEqual([agentOf(0), agentOf(690)]);
    expect(tables.proxy.requests - requests).toBeLessThan(12);
    expect(idsOf(await registrations.list(agentOf(0), 2))).toEqual([agentOf(690), agentOf(695)]);
    expect(idsOf(await registrations.list(agentOf(690), 2))).toEqual([agentOf(695)]);
    expect(await registrations.list(agentOf(695), 2)).toEqual([]);
  });

  test("is full while there are more agents, not counting removed ones", async () => {
    await prepare(60, (n) => n % 3 === 0);
    const all = Array.from({ length: 20 }, (_, n) => agentOf(3 * n));
    for (const limit of [1, 2, 7, 20, 50]) {
      expect(idsOf(await registrations.list(undefined, limit))).toEqual(all.slice(0, limit));
    }
  });

  test("leaves out rows that are not an agent's", async () => {
    const foreign = ["x", agentOf(1).toUpperCase(), `${agentOf(1)}_a`];
    for (const partitionKey of foreign) await table.createEntity({ partitionKey, rowKey: "registration" });
    await table.createEntity({ partitionKey: agentOf(2), rowKey: "other" });
    await registrations.put(agentOf(3), serviceConfig(true), T0);
    expect(idsOf(await registrations.list(undefined, 10))).toEqual([agentOf(3)]);
  });
});

describe("what a removal leaves", () => {
  test("is deleted once it is old; newer ones and registrations stay", async () => {
    await registrations.remove(agentOf(1), T0);
    await registrations.put(agentOf(2), serviceConfig(true), T0);
    await sleep(20);
    const before = new Date();
    await sleep(20);
    await registrations.remove(agentOf(3), T0);
    await registrations.removeTombstonesBefore(before, always);
    expect(await rowsLeft()).toEqual([agentOf(2), agentOf(3)]);
  });

  test("is deleted, however much there is, as long as it may continue", async () => {
    const agents = Array.from({ length: 30 }, (_, n) => agentOf(n));
    await Promise.all(agents.map((one) => registrations.remove(one, T0)));
    let steps = 0;
    await registrations.removeTombstonesBefore(FAR_AHEAD, () => ++steps <= 10);
    expect(await rowsLeft()).toHaveLength(20);
    await registrations.removeTombstonesBefore(FAR_AHEAD, always);
    expect(await rowsLeft()).toEqual([]);
  });

  test("stays if the agent registered again in the meantime", async () => {
    await registrations.remove(agentOf(1), T0);
    await registrations.remove(agentOf(2), T0);
    const held = tables.proxy.hold(({ method }) => method === "DELETE");
    const removing = registrations.removeTombstonesBefore(FAR_AHEAD, always);
    await held.arrived();
    await registrations.put(agentOf(1), serviceConfig(true), T1);
    await held.release();
    await removing;
    expect(await rowsLeft()).toEqual([agentOf(1)]);
  });

  test("can be replaced even if it is deleted between the read and the write", async () => {
    await registrations.remove(agent, T0);
    const held = tables.proxy.hold(({ method }) => method === "PUT");
    const registering = registrations.put(agent, serviceConfig(false), T1);
    await held.arrived();
    await registrations.removeTombstonesBefore(FAR_AHEAD, always);
    await held.release();
    expect((await registering).created).toBe(true);
    expect(await registrations.find(agent)).toMatchObject({ enforceClientAuthz: false });
  });

  test("is deleted past rows that are not LKPS's, which stay", async () => {
    const foreign: [string, string, Record<string, unknown>][] = [
      ["", "registration", { removed: true }],
      ["0'; x", "registration", { removed: true }],
      [agentOf(1).toUpperCase(), "registration", { removed: true }],
      [agentOf(1), "other", { removed: true }],
      [agentOf(2), "registration", { removed: "true" }],
      [agentOf(3), "registration", { removed: 1 }],
      [agentOf(4), "registration", { removed: new Date() }],
      ["~", "registration", { removed: true }],
    ];
    for (const [partitionKey, rowKey, columns] of foreign) {
      await table.createEntity({ partitionKey, rowKey, ...columns });
    }
    await registrations.remove(agentOf(9), T0);
    await registrations.removeTombstonesBefore(FAR_AHEAD, always);
    expect((await rowsLeft()).toSorted()).toEqual(foreign.map(([partitionKey]) => partitionKey).toSorted());
  });
});

test("the first operation creates the table, whichever it is, even if many run concurrently", async () => {
  await table.deleteTable();
  const found = await Promise.all(Array.from({ length: 20 }, () => registrations.find(agent)));
  expect(found).toEqual(Array(20).fill(undefined));
});

test("a deleted table is created again", async () => {
  await registrations.put(agent, serviceConfig(true), T0);
  await table.deleteTable();
  expect(await registrations.find(agent)).toBeUndefined();
  expect((await registrations.put(agent, serviceConfig(true), T0)).created).toBe(true);
});

test("registering again keeps registeredAt and replaces the rest", async () => {
  const first = await registrations.put(agent, serviceConfig(false), T0);
  expect(first).toEqual({
    created: true,
    registration: { agent, ...serviceConfig(false), registeredAt: T0, updatedAt: T0 },
  });
  const second = await registrations.put(agent, serviceConfig(true), T1);
  const registration = { agent, ...serviceConfig(true), registeredAt: T0, updatedAt: T1 };
  expect(second).toEqual({ created: false, registration });
  expect(await registrations.find(agent)).toEqual(registration);
});

test.each([undefined, null, "false", 0])(
  "a stored flag of %j is not an opt-out",
  async (enforceClientAuthz) => {
    await registrations.put(agent, serviceConfig(true), T0);
    const times = { registeredAt: T0.toISOString(), updatedAt: T0.toISOString() };
    const entity = { partitionKey: agent, rowKey: "registration", ...times, enforceClientAuthz };
    await table.updateEntity(entity, "Replace");
    expect((await registrations.find(agent))?.enforceClientAuthz).toBe(true);
  },
);
