import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TableClient, TransactionAction } from "@azure/data-tables";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { partitionKeyOf, rowKeyOf } from "../../src/adapters/tables/session-keys.ts";
import { createSessionTable } from "../../src/adapters/tables/session-table.ts";
import { createTableClient } from "../../src/adapters/tables/table-client.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { type Azurite, startAzurite } from "../../tools/azurite.ts";

// `npm run verify` removes a hundred thousand.
const RECORDS = process.env["LKPS_VERIFY"] === "1" ? 100_000 : 3_200;
const BEFORE = new Date("2026-08-26T00:00:00.000Z");
const DAY_MS = 86_400_000;
const always = () => true;

let folder: string;
let azurite: Azurite;
let table: TableClient;
let count = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lkps-retention-"));
  azurite = await startAzurite({ location: folder, port: 0 });
});
afterAll(async () => {
  await azurite?.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  table = createTableClient({ connectionString: azurite.connectionString }, `sessions${++count}`);
  await table.createTable();
});

const agentOf = (n: number) => `a9e17000-0000-4000-8000-${String(n).padStart(12, "0")}` as ClientId;
const sessionIdOf = (n: number) =>
  `${(n % 16).toString(16)}0000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

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

// Azurite goes through all records for each query, which Table Storage does not: it gets more than the default time.
const remove = (mayGoOn = always) => createSessionTable(table, 60_000).removeStartedBefore(BEFORE, mayGoOn);

test("removes what started before the time, of every agent, and nothing that did not", async () => {
  // From a day before to a day after, the instant itself among them.
  for (let n = 0; n < 5; n++) await store(agentOf(n), 97, (k) => Math.round(((k - 48) / 48) * DAY_MS));
  expect(await remove()).toEqual({ removed: 5 * 48, finished: true });
  const times = await left();
  expect(times).toHaveLength(5 * 49);
  expect(times.every((time) => time >= BEFORE.toISOString())).toBe(true);
});

test("finds nothing to do in an empty table, or in one of recent sessions", async () => {
  expect(await remove()).toEqual({ removed: 0, finished: true });
  await store(agentOf(1), 20, () => -1);
  expect(await remove()).toEqual({ removed: 0, finished: true });
  expect(await left()).toHaveLength(20);
});

test("stopped at any point, it says so, and the next run goes on", async () => {
  await store(agentOf(1), 1_000, () => DAY_MS);
  let steps = 0;
  const stopped = await remove(() => ++steps <= 20);
  expect(stopped.finished).toBe(false);
  expect(await left()).toHaveLength(1_000 - stopped.removed);
  const rest = await remove();
  expect(rest).toEqual({ removed: 1_000 - stopped.removed, finished: true });
});

test("two runs at the same time leave nothing behind, and neither fails", async () => {
  await store(agentOf(1), 800, () => DAY_MS);
  const results = await Promise.all([remove(), remove()]);
  expect(results.every(({ finished }) => finished)).toBe(true);
  expect(await left()).toEqual([]);
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
