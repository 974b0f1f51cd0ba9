import { beforeEach, expect, test } from "vitest";
import { openStores } from "../../src/adapters/tables/open-stores.ts";
import { systemClock } from "../../src/adapters.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import type { SessionStore } from "../../src/domain/ports.ts";
import { type SessionRecord, sessionIdOf } from "../../src/domain/session.ts";
import { AGENT, CLIENT } from "../support/app-registration.ts";
import { azuriteTables } from "../support/azurite-tables.ts";
import { hang } from "../support/fault-proxy.ts";

const agent = AGENT as ClientId;
const other = "c11e0000-0000-4000-8000-0000000000ff" as ClientId;
const startedAt = new Date("2026-11-24T09:00:00.000Z");
const nowMs = startedAt.getTime();
const clock = { ...systemClock, now: () => startedAt };

const tables = azuriteTables();
let sessionsTable: string;
const open = (connection = tables.direct, timeoutMs = 300_000): SessionStore =>
  openStores({ connection, agentsTable: "agents", sessionsTable, timeoutMs, clock, isChecked: true })
    .sessions;
/** Two instances of the app. */
let instances: SessionStore[];
beforeEach(() => {
  sessionsTable = tables.newName();
  instances = [open(), open()];
});

let count = 0;
function record(client: ClientId): SessionRecord {
  const sessionId = sessionIdOf(
    startedAt,
    `00000000-0000-4000-8000-${(++count).toString(16).padStart(12, "0")}`,
  );
  const expiresAt = new Date(nowMs + 600_000);
  const [roomName, decisionId] = [`lkps-${agent}-${sessionId}`, sessionId];
  const participantIdentity = `${client}-x`;
  return {
    sessionId,
    agent,
    client,
    basis: "pre_authorized",
    roomName,
    participantIdentity,
    startedAt,
    expiresAt,
    decisionId,
  };
}

/** Starts this many sessions at once, on both instances. Those that a slot was free for. */
async function start(length: number, limits: object, client = CLIENT as ClientId): Promise<SessionRecord[]> {
  const started = Array.from({ length }, async (_, n) => {
    const session = record(client);
    const instance = instances[n % 2];
    if (!(await instance?.takeSlot(session, limits))) return [];
    await instance?.add(session);
    return [session];
  });
  return (await Promise.all(started)).flat();
}

test("of many starts at once on two instances, as many succeed as are allowed, and again after these have ended", async () => {
  const limits = { max_live_sessions: 5 };
  const started = await start(30, limits);
  expect(started).toHaveLength(5);
  expect(await start(4, limits)).toEqual([]);
  for (const { sessionId } of started) {
    const room = { sid: "RM_1", createdAtMs: nowMs, finishedAtMs: nowMs };
    await instances[0]?.change(agent, sessionId, () => ({ room }));
  }
  expect(await start(30, limits)).toHaveLength(5);
});

test("each client has its own limit, within that of all", async () => {
  const limits = { max_live_sessions: 5, max_live_sessions_per_client: 3 };
  expect(await start(6, limits)).toHaveLength(3);
  expect(await start(6, limits, other)).toHaveLength(2);
});

test("a start that took a slot and was not stored gives it back later", async () => {
  const limits = { max_live_sessions: 1 };
  expect(await instances[0]?.takeSlot(record(other), limits)).toBe(true);
  const later = { ...record(other), startedAt: new Date(nowMs + 89_999) };
  expect(await instances[1]?.takeSlot(later, limits)).toBe(false);
  expect(await instances[1]?.takeSlot({ ...later, startedAt: new Date(nowMs + 90_000) }, limits)).toBe(true);
});

test("more live sessions are counted than a page of the table has", async () => {
  const [instance] = instances;
  await Promise.all(Array.from({ length: 1_001 }, () => instance?.add(record(other))));
  for (const max of [1_001, 1_002]) {
    expect(await instance?.takeSlot(record(other), { max_live_sessions: max })).toBe(max > 1_001);
  }
});

test("if storage hangs, starts that wait for their turn fail together, and do not wait for it one after another", async () => {
  const failing = tables.proxy.fail(() => true, hang);
  const instance = open(tables.throughProxy, 3_000);
  const starts = Array.from({ length: 5 }, () => instance.takeSlot(record(other), { max_live_sessions: 9 }));
  const results = await Promise.allSettled(starts);
  failing.end();
  expect(results).toEqual(
    Array(5).fill({
      status: "rejected",
      reason: expect.objectContaining({ code: "storage_unavailable" }),
    }),
  );
  expect(failing.hits).toBe(1);
});
