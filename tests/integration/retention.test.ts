import type { TableClient, TransactionAction } from "@azure/data-tables";
import { beforeEach, describe, expect, test } from "vitest";
import { partitionKeyOf, rowKeyOf } from "../../src/adapters/tables/session-keys.ts";
import { createSessionTable } from "../../src/adapters/tables/session-table.ts";
import { createTableClient } from "../../src/adapters/tables/table-operations.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { azuriteTables } from "../support/azurite-tables.ts";
import { answer } from "../support/fault-proxy.ts";

// `npm run verify` removes a hundred thousand.
const RULES = {
  isLive: () => false,
  isCounted: () => false,
  openUntilMs: Number,
  takeTurn: <T>(_: unknown, work: () => Promise<T>) => work(),
};
const RECORDS = process.env["LKPS_VERIFY"] === "1" ? 100_000 : 200;
const BEFORE = new Date("2026-08-26T00:00:00.000Z");
const DAY_MS = 86_400_000;
const always = () => true;

const tables = azuriteTables();
let table: TableClient;

beforeEach(async () => {
  table = createTableClient(tables.direct, tables.newName());
  await table.createTable();
});

const agentOf = (n: number) => `a9e17000-0000-4000-8000-${String(n).padStart(12, "0")}` as ClientId;
const sessionIdOf = (n: number) =>
  `00000000-0000-7000-8000-${String(n).padStart(11, "0")}${(n % 16).toString(16)}`;

/** Stores sessions of an agent, the n-th one started `ageOf(n)` milliseconds before the retention ends. */
async function store(agent: ClientId, length: number, ageOf: (n: number) => number): Promise<void> {
  const partitions = new Map<string, TransactionAction[]>();
  for (let n = 0; n < length; n++) {
    const startedAt = new Date(BEFORE.getTime() - ageOf(n));
    const partitionKey = partitionKeyOf(agent, sessionIdOf(n));
    const entity = {
      partitionKey,
      rowKey: rowKeyOf(startedAt, sessionIdOf(n)),
      startedAt: startedAt.toISOString(),
    };
    partitions.set(partitionKey, [...(partitions.get(partitionKey) ?? []), ["create", entity]]);
    const actions = partitions.get(partitionKey) ?? [];
    if (actions.length < 100) continue;
    await table.submitTransaction(actions);
    partitions.delete(partitionKey);
  }
  for (const actions of partitions.values()) await table.submitTransaction(actions);
}

async function left(): Promise<string[]> {
  const entities = await Array.fromAsync(table.listEntities<{ startedAt: string }>());
  return entities.map(({ startedAt }) => startedAt);
}

// Azurite scans all records for each query, unlike Table Storage, so it gets more than the default time.
const remove = (shouldContinue = always) =>
  createSessionTable(table, 60_000, RULES).removeStartedBefore(BEFORE, shouldContinue);

test("removes every agent's sessions that started before the time, and no others", async () => {
  // From a day before to a day after, the instant itself among them.
  for (let n = 0; n < 5; n++) await store(agentOf(n), 97, (k) => Math.round(((k - 48) / 48) * DAY_MS));
  expect(await remove()).toEqual({ removed: 5 * 48, finished: true });
  const times = await left();
  expect(times).toHaveLength(5 * 49);
  expect(times.every((time) => time >= BEFORE.toISOString())).toBe(true);
});

test("removes nothing from an empty table or from one with recent sessions", async () => {
  expect(await remove()).toEqual({ removed: 0, finished: true });
  await store(agentOf(1), 20, () => -1);
  expect(await remove()).toEqual({ removed: 0, finished: true });
  expect(await left()).toHaveLength(20);
});

test("if it is stopped, it says so, and the next run continues", async () => {
  await store(agentOf(1), 1_000, () => DAY_MS);
  let steps = 0;
  const stopped = await remove(() => ++steps <= 10);
  expect(stopped.finished).toBe(false);
  expect(await left()).toHaveLength(1_000 - stopped.removed);
  const rest = await remove();
  expect(rest).toEqual({ removed: 1_000 - stopped.removed, finished: true });
});

test("two concurrent runs leave nothing behind, and neither fails", async () => {
  await store(agentOf(1), 800, () => DAY_MS);
  const results = await Promise.all([remove(), remove()]);
  expect(results.every(({ finished }) => finished)).toBe(true);
  expect(await left()).toEqual([]);
});

test("records of an earlier version, partitioned by the first digit of a random id, are removed too", async () => {
  const sessionId = "3f6b0a91-c2d7-4e58-b1a4-90d8e7f6c523";
  const startedAt = new Date(BEFORE.getTime() - 1);
  const keys = { partitionKey: `${agentOf(1)}_3`, rowKey: rowKeyOf(startedAt, sessionId) };
  await table.createEntity({ ...keys, startedAt: startedAt.toISOString() });
  expect(await remove()).toEqual({ removed: 1, finished: true });
});

describe("a row that is not an LKPS session stays and stops nothing:", () => {
  const old = new Date(BEFORE.getTime() - DAY_MS);
  const ours = { rowKey: rowKeyOf(old, sessionIdOf(7)), startedAt: old.toISOString() };
  const partition = `${agentOf(2)}_7`;

  test.each<[string, { partitionKey: string; rowKey: string; [column: string]: unknown }]>([
    ["a partition before all others", { ...ours, partitionKey: "!" }],
    ["a partition after all others", { ...ours, partitionKey: "~" }],
    ["a partition among them", { ...ours, partitionKey: "a9e17000-0000-4000-8000-000000000001_~" }],
    ["a partition with a quote", { ...ours, partitionKey: "a9e17000-it's" }],
    ["a partition of other letters", { ...ours, partitionKey: "a9e17000-é" }],
    ["a partition of no agent", { ...ours, partitionKey: "_7" }],
    ["an agent's partition without a digit", { ...ours, partitionKey: `${agentOf(2)}_` }],
    ["an agent's 17th partition", { ...ours, partitionKey: `${agentOf(2)}_g` }],
    ["an agent's partition in capitals", { ...ours, partitionKey: `${agentOf(2).toUpperCase()}_7` }],
    ["a row key of words", { ...ours, partitionKey: partition, rowKey: "somebody's" }],
    ["a row key after all others", { ...ours, partitionKey: partition, rowKey: "~" }],
    ["a row key of a time alone", { ...ours, partitionKey: partition, rowKey: ours.rowKey.slice(0, 13) }],
    ["a row without columns", { partitionKey: partition, rowKey: ours.rowKey }],
    ["a time other than its key's", { ...ours, partitionKey: partition, startedAt: BEFORE.toISOString() }],
    ["a row whose time is a number", { ...ours, partitionKey: partition, startedAt: 7 }],
  ])("%s", async (_, entity) => {
    for (const n of [1, 2, 3]) await store(agentOf(n), 20, () => DAY_MS);
    await table.upsertEntity(entity, "Replace");
    const own = entity.partitionKey === partition && entity.rowKey === ours.rowKey ? 1 : 0;
    expect(await remove()).toEqual({ removed: 60 - own, finished: true });
    const left = await Array.fromAsync(table.listEntities());
    expect(left.map(({ partitionKey, rowKey }) => [partitionKey, rowKey])).toEqual([
      [entity.partitionKey, entity.rowKey],
    ]);
  });

  test("more than one page of them", async () => {
    // Row keys before those of the old sessions, and after those that are kept.
    const between = Number(ours.rowKey.slice(0, 13)) - 2_000;
    await store(agentOf(1), 20, () => DAY_MS);
    const actions = Array.from({ length: 1_200 }, (_, n): TransactionAction => {
      return ["create", { partitionKey: `${agentOf(1)}_3`, rowKey: String(between + n) }];
    });
    for (let n = 0; n < 1_200; n += 100) await table.submitTransaction(actions.slice(n, n + 100));
    expect(await remove()).toEqual({ removed: 20, finished: true });
    expect(await Array.fromAsync(table.listEntities())).toHaveLength(1_200);
  });
});

describe("if Table Storage fails", () => {
  const refused = () => answer(403, { "odata.error": { code: "AuthorizationFailure" } });
  const throughProxy = () => {
    const client = createTableClient(tables.throughProxy, table.tableName);
    return createSessionTable(client, 60_000, RULES).removeStartedBefore(BEFORE, always);
  };
  const failed = { finished: false, failure: expect.objectContaining({ code: "storage_unavailable" }) };
  const isRemoval = ({ method, path, body }: { method: string; path: string; body: string }) =>
    method === "DELETE" || (path.includes("$batch") && body.includes("DELETE"));

  test("a record that cannot be removed is the only one that stays, and the run says so", async () => {
    for (const n of [1, 2, 3]) await store(agentOf(n), 160, () => DAY_MS);
    const id = sessionIdOf(39);
    const failing = tables.proxy.fail(
      (passing) =>
        isRemoval(passing) &&
        `${passing.path}${passing.body}`.includes(id) &&
        `${passing.path}${passing.body}`.includes(agentOf(2)),
      refused(),
    );
    expect(await throughProxy()).toEqual({ removed: 479, ...failed });
    failing.end();
    const rest = await Array.fromAsync(table.listEntities());
    expect(rest.map(({ partitionKey, rowKey }) => [partitionKey, rowKey?.slice(14)])).toEqual([
      [`${agentOf(2)}_7`, id],
    ]);
    expect(await throughProxy()).toEqual({ removed: 1, finished: true });
  });

  test("a partition that cannot be read stops no other one, and no other agent", async () => {
    for (const n of [1, 2, 3]) await store(agentOf(n), 160, () => DAY_MS);
    const failing = tables.proxy.fail(({ path }) => path.includes(`${agentOf(2)}_7`), refused());
    expect(await throughProxy()).toEqual({ removed: 470, ...failed });
    failing.end();
    expect(await throughProxy()).toEqual({ removed: 10, finished: true });
  });

  test("a partition is skipped after 20 consecutive records that cannot be removed", async () => {
    await store(agentOf(1), 16 * 50, () => DAY_MS);
    const failing = tables.proxy.fail(isRemoval, refused());
    expect(await throughProxy()).toEqual({ removed: 0, ...failed });
    failing.end();
    // The transaction, and then one by one, in each of the 16.
    expect(failing.hits).toBe(16 * (1 + 20));
  });

  test("without a list of partitions, a run fails and says what it has removed", async () => {
    for (const n of [1, 2]) await store(agentOf(n), 16, () => DAY_MS);
    const failing = tables.proxy.fail(
      ({ path }) => path.includes(`PartitionKey gt '${agentOf(1)}`),
      refused(),
    );
    expect(await throughProxy()).toEqual({ removed: 16, ...failed });
    failing.end();
  });
});

test(`removes ${RECORDS} records`, async () => {
  await store(agentOf(1), RECORDS, (n) => DAY_MS + n);
  const startedAt = performance.now();
  expect(await remove()).toEqual({ removed: RECORDS, finished: true });
  const seconds = (performance.now() - startedAt) / 1_000;
  console.log(
    `${RECORDS} records removed in ${seconds.toFixed(1)} s, ${Math.round(RECORDS / seconds)} a second`,
  );
  expect(await left()).toEqual([]);
}, 600_000);
