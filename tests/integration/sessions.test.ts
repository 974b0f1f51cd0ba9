import { odata, type TableClient } from "@azure/data-tables";
import { beforeEach, describe, expect, test } from "vitest";
import { partitionKeyOf, rowKeyOf } from "../../src/adapters/tables/session-keys.ts";
import { createSessionTable } from "../../src/adapters/tables/session-table.ts";
import { createTableClient } from "../../src/adapters/tables/table-operations.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import type { SessionStore } from "../../src/domain/ports.ts";
import { type SessionRecord, sessionIdOf, type TrackedSession } from "../../src/domain/session.ts";
import { AGENT, CLIENT } from "../support/app-registration.ts";
import { azuriteTables } from "../support/azurite-tables.ts";
import { answer } from "../support/fault-proxy.ts";

const agent = AGENT as ClientId;
const T0 = new Date("2026-11-24T09:00:00.000Z");
const T1 = new Date("2026-11-24T09:00:00.007Z");
/** All 48 bits of its time are set: beyond what row keys count down from. */
const FAR_FUTURE = "ffffffff-ffff-7fff-bfff-ffffffffffff";
// More than a page in each partition; `npm run verify` takes as many as a rehearsal looks at.
const SESSIONS = process.env["LKPS_VERIFY"] === "1" ? 100_000 : 17_000;

const tables = azuriteTables();
let table: TableClient;
let sessions: SessionStore;

beforeEach(async () => {
  table = createTableClient(tables.direct, tables.newName());
  await table.createTable();
  // Azurite scans all records for each query, unlike Table Storage, so it gets more than the default time.
  sessions = createSessionTable(table, 60_000, rules);
});

/** The tests end a session by saying that its room is gone. */
const isLive = ({ known }: TrackedSession) => known.room?.finishedAtMs === undefined;
const tracked = (n: number) => ({ ...record(n), known: {} });
const rules = {
  isLive,
  isCounted: isLive,
  openUntilMs: Number,
  takeTurn: <T>(_: unknown, work: () => Promise<T>) => work(),
};
const throughProxy = () =>
  createSessionTable(createTableClient(tables.throughProxy, table.tableName), 3_000, rules);

function record(n: number, more: Partial<SessionRecord> = {}): SessionRecord {
  const startedAt = new Date(T0.getTime() + n);
  const random = `00000000-0000-4000-8000-${String(n).padStart(11, "0")}${(n % 16).toString(16)}`;
  const sessionId = sessionIdOf(startedAt, random);
  return {
    sessionId,
    agent,
    client: CLIENT as ClientId,
    basis: "pre_authorized",
    roomName: `lkps-${agent}-${sessionId}`,
    participantIdentity: `${CLIENT}-x`,
    startedAt,
    expiresAt: new Date(startedAt.getTime() + 600_000),
    decisionId: sessionId,
    ...more,
  };
}

function entityOf({ agent: _, startedAt, expiresAt, ...columns }: SessionRecord) {
  return {
    partitionKey: partitionKeyOf(agent, columns.sessionId),
    rowKey: rowKeyOf(startedAt, columns.sessionId),
    ...columns,
    startedAt: startedAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
  };
}

test("a session record has the documented members and no token", async () => {
  await sessions.add(record(7));
  const [entity] = await Array.fromAsync(table.listEntities());
  const { etag, timestamp, partitionKey, rowKey, ...columns } = entity ?? {};
  expect(columns).toEqual({
    sessionId: record(7).sessionId,
    client: CLIENT,
    basis: "pre_authorized",
    roomName: record(7).roomName,
    participantIdentity: record(7).participantIdentity,
    startedAt: "2026-11-24T09:00:00.007Z",
    expiresAt: "2026-11-24T09:10:00.007Z",
    decisionId: record(7).decisionId,
  });
  expect(partitionKey).toBe(`live_${AGENT}_7`);
});

test("an agent's sessions are in 16 partitions, the newest first in each", async () => {
  for (let n = 0; n < 48; n++) await sessions.add(record(n));
  const entities = await Array.fromAsync(table.listEntities());
  const partitions = Map.groupBy(entities, ({ partitionKey }) => partitionKey);
  expect(partitions.size).toBe(16);
  for (const rows of partitions.values()) {
    const times = rows.map(({ startedAt }) => String(startedAt));
    expect(times).toHaveLength(3);
    expect(times).toEqual(times.toSorted().reverse());
  }
});

describe("one session", () => {
  test("is found with one point read, by agent and id, in any letter case", async () => {
    for (let n = 0; n < 20; n++) await sessions.add(record(n));
    const paths: string[] = [];
    const watching = tables.proxy.fail(({ path }) => paths.push(path) < 0, answer(500));
    const { find } = throughProxy();
    for (const n of [0, 7, 19]) {
      const { sessionId } = record(n);
      expect(await find(agent, sessionId)).toEqual(tracked(n));
      expect(await find(agent, sessionId.toUpperCase())).toEqual(tracked(n));
    }
    watching.end();
    expect(paths).toHaveLength(6);
    for (const path of paths) expect(path).toMatch(/\(PartitionKey='[^']+',RowKey='[^']+'\)/);
  });

  test("is not found if it is another agent's, does not exist, or the id is not a session's", async () => {
    await sessions.add(record(7));
    const { sessionId } = record(7);
    expect(await sessions.find(CLIENT as ClientId, sessionId)).toBeUndefined();
    for (const other of [record(8).sessionId, `${sessionId}0`, "", "'", FAR_FUTURE])
      expect(await sessions.find(agent, other), other).toBeUndefined();
  });

  test.each(["{}", "null", "[]", "<html></html>", ""])(
    "is a failure where the answer is %j, and so are the list and the activity",
    async (text) => {
      await sessions.add(record(7));
      const headers = { "content-type": text.startsWith("<") ? "text/html" : "application/json" };
      const failing = tables.proxy.fail(() => true, answer(200, text, headers));
      const { find, list, activitySince } = throughProxy();
      for (const read of [
        find(agent, record(7).sessionId),
        list(agent, undefined, 9),
        activitySince(agent, T0, 9),
      ])
        await expect(read).rejects.toMatchObject({ code: "storage_unavailable" });
      failing.end();
    },
  );
});

describe("a record of an earlier version, partitioned by the first digit of a random id,", () => {
  const sessionId = "3f6b0a91-c2d7-4e58-b1a4-90d8e7f6c523";
  const old = record(1, { sessionId, roomName: "lkps-e1d4c7b0-5a29-4f83-8c6e-b7a9031f2d64" });
  beforeEach(async () => {
    await sessions.add(record(0));
    await sessions.add(record(2));
    await table.createEntity({
      ...entityOf(old),
      partitionKey: `${AGENT}_3`,
      rowKey: `${9_999_999_999_999 - old.startedAt.getTime()}_${sessionId}`,
    });
  });

  test("is listed in order, page by page", async () => {
    const { list } = sessions;
    expect(await list(agent, undefined, 9)).toEqual({
      sessions: [tracked(2), { ...old, known: {} }, tracked(0)],
      hasMore: false,
    });
    expect(await list(agent, record(2), 1)).toEqual({ sessions: [{ ...old, known: {} }], hasMore: true });
    expect(await list(agent, old, 1)).toEqual({ sessions: [tracked(0)], hasMore: false });
  });

  test("counts in a rehearsal", async () => {
    const { clients } = await sessions.activitySince(agent, T0, 10);
    expect(clients).toMatchObject([{ client: CLIENT, sessions: 3 }]);
  });

  test("is not found by its id", async () => {
    expect(await sessions.find(agent, sessionId)).toBeUndefined();
  });
});

test.each<[string, object]>([
  ["no columns", {}],
  ["another id", { sessionId: record(8).sessionId }],
  ["no client id", { client: "somebody" }],
  ["no such basis", { basis: "guess" }],
  ["no room", { roomName: 7 }],
  ["another time", { startedAt: T1.toISOString() }],
  ["no end", { expiresAt: "soon" }],
])(
  "a row that is not an LKPS session, because it has %s, is not listed, found, or counted",
  async (_, columns) => {
    for (const n of [0, 1, 2]) await sessions.add(record(n));
    const [entity] = await Array.fromAsync(
      table.listEntities({ queryOptions: { filter: odata`sessionId eq ${record(1).sessionId}` } }),
    );
    const { partitionKey = "", rowKey = "", etag, timestamp, ...own } = entity ?? {};
    const kept = Object.keys(columns).length === 0 ? {} : own;
    await table.updateEntity({ partitionKey, rowKey, ...kept, ...columns }, "Replace");
    expect((await sessions.list(agent, undefined, 2)).sessions).toEqual([tracked(2), tracked(0)]);
    expect(await sessions.find(agent, record(1).sessionId)).toBeUndefined();
  },
);

describe("the clients of an agent's newest sessions", () => {
  const startsOf = async (length: number) => {
    const entities = Array.from({ length }, (_, n) => {
      return entityOf(record(n, { client: clientOf(n % 7) }));
    });
    for (const rows of Map.groupBy(entities, ({ partitionKey }) => partitionKey).values()) {
      for (let n = 0; n < rows.length; n += 100)
        await table.submitTransaction(rows.slice(n, n + 100).map((row) => ["create", row]));
    }
  };
  const clientOf = (n: number) => `c11e0000-0000-4000-8000-00000000000${n}` as ClientId;

  test.each([0, 1, 9, 99, 100, 101])("are those of the newest %d of a hundred", async (limit) => {
    await startsOf(100);
    const newest = Array.from({ length: Math.min(limit, 100) }, (_, n) => 99 - n);
    const clients = [...Map.groupBy(newest, (n) => clientOf(n % 7))].map(
      ([client, [last = 0, ...others]]) => ({
        client,
        sessions: 1 + others.length,
        lastStartedAt: record(last).startedAt,
        joined: 0,
        usedMs: 0,
      }),
    );
    expect(await sessions.activitySince(agent, T0, limit)).toEqual({ clients, complete: limit >= 100 });
  });

  test("begin with the first millisecond of the requested period", async () => {
    await startsOf(10);
    const { clients } = await sessions.activitySince(agent, new Date(T0.getTime() + 7), 100);
    expect(clients.reduce((sum, { sessions }) => sum + sessions, 0)).toBe(3);
  });

  test(`of ${SESSIONS + 1} are those of ${SESSIONS}`, { timeout: 600_000 }, async () => {
    await startsOf(SESSIONS + 1);
    const seen = await sessions.activitySince(agent, T0, SESSIONS);
    expect(seen.complete).toBe(false);
    expect(seen.clients.reduce((sum, { sessions }) => sum + sessions, 0)).toBe(SESSIONS);
    // All but the oldest, which was the first client's.
    expect(seen.clients.find(({ client }) => client === clientOf(0))?.sessions).toBe(
      Math.ceil((SESSIONS + 1) / 7) - 1,
    );
  });
});
