import type { TableClient } from "@azure/data-tables";
import { beforeEach, expect, test } from "vitest";
import { livePartitionKeyOf, partitionKeyOf } from "../../src/adapters/tables/session-keys.ts";
import { createSessionTable } from "../../src/adapters/tables/session-table.ts";
import { createTableClient } from "../../src/adapters/tables/table-operations.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import type { KnownSession } from "../../src/domain/known-session.ts";
import type { SessionStore } from "../../src/domain/ports.ts";
import { sessionIdOf, type TrackedSession } from "../../src/domain/session.ts";
import { AGENT, CLIENT } from "../support/app-registration.ts";
import { azuriteTables } from "../support/azurite-tables.ts";
import { answer } from "../support/fault-proxy.ts";

const agent = AGENT as ClientId;
const startedAt = new Date("2026-11-24T09:00:00.000Z");
const sessionId = sessionIdOf(startedAt, "00000000-0000-4000-8000-000000000007");
const [live, archived] = [livePartitionKeyOf(agent, sessionId), partitionKeyOf(agent, sessionId)];
const session = {
  sessionId,
  agent,
  client: CLIENT as ClientId,
  basis: "pre_authorized" as const,
  roomName: `lkps-${agent}-${sessionId}`,
  participantIdentity: `${CLIENT}-x`,
  startedAt,
  expiresAt: new Date(startedAt.getTime() + 600_000),
  decisionId: sessionId,
};
const room = { sid: "RM_1", createdAtMs: 1 };
const open: KnownSession = { room };
const ended: KnownSession = { room: { ...room, finishedAtMs: 2 } };
const isLive = ({ known }: TrackedSession) => known.room?.finishedAtMs === undefined;

const tables = azuriteTables();
let table: TableClient;
let sessions: SessionStore;
beforeEach(async () => {
  table = createTableClient(tables.direct, tables.newName());
  await table.createTable();
  sessions = createSessionTable(table, 60_000, rules);
  await sessions.add(session);
});
const rules = {
  isLive,
  isCounted: isLive,
  openUntilMs: (joinedAtMs: number) => joinedAtMs + 7,
  takeTurn: <T>(_: unknown, work: () => Promise<T>) => work(),
};
const throughProxy = () =>
  createSessionTable(createTableClient(tables.throughProxy, table.tableName), 3_000, rules);

async function partitions(): Promise<unknown[]> {
  const entities = await Array.fromAsync(table.listEntities());
  return entities.map(({ partitionKey }) => partitionKey).sort();
}
const known = async () => (await sessions.find(agent, sessionId))?.known;
const isListed = async () => (await sessions.listLive(undefined)).sessions.length === 1;

test("a session that is over is archived, and one that is live again comes back", async () => {
  expect([await partitions(), await isListed()]).toEqual([[live], true]);
  for (const [next, partition] of [
    [open, live],
    [ended, archived],
    [open, live],
  ] as const) {
    const change = await sessions.change(agent, sessionId, () => next);
    expect(change?.after).toEqual({ ...session, known: next });
    expect([await known(), await partitions()]).toEqual([next, [partition]]);
    expect(await isListed()).toBe(partition === live);
    expect((await sessions.list(agent, undefined, 9)).sessions).toEqual([{ ...session, known: next }]);
  }
});

test("the use of a session is counted from joining to its end, or until now", async () => {
  for (const [next, joined, usedMs] of [
    [open, 0, 0],
    [{ ...open, joinedAtMs: 1 }, 1, 7],
    [{ room: { ...room, finishedAtMs: 4 }, joinedAtMs: 1 }, 1, 3],
    [{ ...open, joinedAtMs: 1 }, 1, 7],
    // LiveKit's clock and the app's differ.
    [{ room: { ...room, finishedAtMs: 4 }, joinedAtMs: 5 }, 1, 0],
  ] as const) {
    await sessions.change(agent, sessionId, () => next);
    const { clients } = await sessions.activitySince(agent, new Date(0), 9);
    expect(clients).toMatchObject([{ sessions: 1, joined, usedMs }]);
  }
});

test("a change that changes nothing writes nothing", async () => {
  await sessions.change(agent, sessionId, () => open);
  const writes: string[] = [];
  const watching = tables.proxy.fail(
    ({ method, path }) => method !== "GET" && writes.push(path) < 0,
    answer(500),
  );
  const change = await throughProxy().change(agent, sessionId, ({ known }) => ({ ...known }));
  watching.end();
  expect(writes).toEqual([]);
  expect(change?.after).toBe(change?.before);
});

test("there is no change of a session that does not exist", async () => {
  expect(await sessions.change(CLIENT as ClientId, sessionId, () => open)).toBeUndefined();
  expect(await sessions.change(agent, "no id", () => open)).toBeUndefined();
});

test("of many changes at the same time, none is lost", async () => {
  const instances = [1, 2].map(() => createSessionTable(table, 60_000, rules));
  const counts = await Promise.all(
    Array.from({ length: 8 }, async (_, n) => {
      // Every other change moves the session.
      const change = await instances[n % 2]?.change(agent, sessionId, ({ known }) => ({
        room: {
          sid: "RM_1",
          createdAtMs: (known.room?.createdAtMs ?? 0) + 1,
          ...(n % 3 === 0 && { finishedAtMs: 2 }),
        },
      }));
      return change?.after.known.room?.createdAtMs ?? 0;
    }),
  );
  expect(counts.sort((a, b) => a - b)).toEqual(Array.from({ length: 8 }, (_, n) => n + 1));
  expect((await known())?.room?.createdAtMs).toBe(8);
  // A copy may be left in the archive, which does not count.
  await sessions.change(agent, sessionId, () => ended);
  expect([await known(), await partitions()]).toEqual([ended, [archived]]);
});

test.each([
  ["the copy is made", "POST"],
  ["the live row is deleted", "DELETE"],
])(
  "a move that is interrupted before %s loses nothing, and the next change finishes it",
  async (_, method) => {
    const failing = tables.proxy.fail((request) => request.method === method, answer(403));
    await expect(throughProxy().change(agent, sessionId, () => ended)).rejects.toMatchObject({
      code: "storage_unavailable",
    });
    failing.end();
    expect(await known()).toEqual(ended);
    expect((await sessions.list(agent, undefined, 9)).sessions).toHaveLength(1);
    // Something happened meanwhile: what was copied is old.
    const later = { ...ended, lastEntryAtMs: 7 };
    await sessions.change(agent, sessionId, () => later);
    expect([await known(), await partitions()]).toEqual([later, [archived]]);
  },
);

test.each(["[]", "{", 7, '{"connections":[1]}', '{"room":"RM_1"}'])(
  "what is known is nothing, if its column is %j",
  async (column) => {
    const [row] = await Array.fromAsync(table.listEntities());
    await table.updateEntity({ partitionKey: live, rowKey: row?.rowKey ?? "", known: column });
    expect(await known()).toEqual({});
  },
);
