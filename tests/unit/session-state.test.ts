import { describe, expect, test } from "vitest";
import { claimRecall, type Dispatch, dispatchToRepeat, recallCause } from "../../src/domain/agent-recall.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import type { Connection, KnownSession } from "../../src/domain/known-session.ts";
import { applyEvent } from "../../src/domain/live-session.ts";
import type { TrackedSession } from "../../src/domain/session.ts";
import { applyDecision, close, confirmClosing } from "../../src/domain/session-ending.ts";
import {
  changesBetween,
  countsAsLive,
  isOpen,
  isWatched,
  openUntil,
  statusOf,
} from "../../src/domain/session-state.ts";
import { AGENT } from "../support/app-registration.ts";
import { CLIENT_IDENTITY, T0 } from "../support/session-world.ts";

const MINUTE = 60_000;
const room = { sid: "RM_1", createdAtMs: T0 };
const connection = (isAgent: boolean, more: Partial<Connection> = {}): Connection => ({
  sid: isAgent ? "PA_agent" : "PA_client",
  roomSid: room.sid,
  isAgent,
  joinedAtMs: T0,
  ...more,
});
const [client, agent] = [connection(false), connection(true)];
const entered = { joinedAtMs: T0, lastEntryAtMs: T0 };
const waiting: KnownSession = { room, connections: [client], ...entered };
const active: KnownSession = { ...waiting, connections: [client, agent], agentJoinedAtMs: T0 };
const left: KnownSession = { ...active, room: { ...room, finishedAtMs: T0 + MINUTE } };
const tracked = (known: KnownSession) =>
  ({ known, startedAt: new Date(T0), expiresAt: new Date(T0 + 10 * MINUTE) }) as TrackedSession;
const ended = (known: KnownSession) =>
  confirmClosing(close(tracked(known), "ended_by_owner", T0 + 2 * MINUTE), true, T0 + 2 * MINUTE + 5);

test.each<[string, KnownSession, number, object]>([
  ["nobody came yet", {}, 11 * MINUTE, { state: "issued", joinedAtMs: null }],
  ["nobody came in time", {}, 11 * MINUTE + 1, { state: "unused", endedAtMs: null, endReason: null }],
  ["only the participant is there", waiting, 0, { state: "waiting", joinedAtMs: T0, agentJoinedAtMs: null }],
  ["both are there", active, 0, { state: "active", agentJoinedAtMs: T0 }],
  ["the room is open, nobody is in it", { room }, MINUTE, { state: "waiting" }],
  ["the room finished", left, 2 * MINUTE, { state: "ended", endedAtMs: T0 + MINUTE, endReason: "left" }],
  [
    "LiveKit gives only the second of the end",
    { ...left, joinedAtMs: T0 + MINUTE + 7 },
    2 * MINUTE,
    { state: "ended", endedAtMs: T0 + MINUTE + 7, endReason: "left" },
  ],
  ["it is missing", { ...active, missing: { sinceMs: T0 + 7, isConfirmed: false } }, 0, { state: "active" }],
  [
    "the room is missing twice",
    { ...active, missing: { sinceMs: T0 + 7, isConfirmed: true } },
    0,
    { state: "ended", endedAtMs: T0 + 7, endReason: "left" },
  ],
  [
    "LiveKit has not confirmed the ending",
    closingOf(active),
    2 * MINUTE,
    { state: "active", endedAtMs: null, endReason: null },
  ],
  [
    "LKPS ended it",
    ended(active),
    0,
    { state: "ended", endedAtMs: T0 + 2 * MINUTE + 5, endReason: "ended_by_owner" },
  ],
  [
    "it had ended when its owner asked to end it, and the closed room is there",
    { ...closingOf(left), room: { sid: "RM_2", createdAtMs: T0 + 2 * MINUTE } },
    2 * MINUTE,
    { state: "ended", endedAtMs: T0 + MINUTE, endReason: "left" },
  ],
  [
    "it had ended when its owner ended it",
    ended(left),
    0,
    { state: "ended", endedAtMs: T0 + MINUTE, endReason: "ended_by_owner" },
  ],
])("if %s: the state", (_, known, after, expected) => {
  expect(statusOf(tracked(known), T0 + after)).toMatchObject(expected);
});

function closingOf(known: KnownSession): KnownSession {
  return close(tracked(known), "ended_by_owner", T0 + MINUTE);
}

test.each([true, false])(
  "who enters the room of a session that LKPS ended has not joined it (agent: %s)",
  (isAgent) => {
    const [before, joinedAtMs] = [ended({ room }), T0 + 3 * MINUTE];
    const closed = { sid: "RM_2", createdAtMs: T0 + 2 * MINUTE };
    const participant = { sid: "PA", identity: CLIENT_IDENTITY, isAgent, joinedAtMs };
    const event = { kind: "joined", atMs: joinedAtMs, room: closed, participant } as const;
    const record = { ...tracked(before), participantIdentity: CLIENT_IDENTITY };
    const after = tracked(applyEvent(before, event, record));
    expect(statusOf(after, joinedAtMs)).toEqual(statusOf(tracked(before), joinedAtMs));
    expect(isWatched(after, joinedAtMs + 12 * MINUTE, true)).toBe(!isAgent);
  },
);

test("an unused session stays so, and the first reason for an ending stays", () => {
  expect(close(tracked({}), "ended_by_owner", T0 + 12 * MINUTE)).toEqual({});
  const closing = closingOf(active);
  expect(close(tracked(closing), "duration_limit", T0)).toBe(closing);
});

test.each<[string, KnownSession, number, boolean]>([
  ["issued", {}, 11 * MINUTE, true],
  ["unused", {}, 11 * MINUTE + 1, false],
  ["unused, and its ending not confirmed", closingOf({}), 20 * MINUTE, true],
  ["active", active, 100 * MINUTE, true],
  ["ended, and the last token still good", left, 13 * MINUTE, true],
  ["ended long ago", left, 13 * MINUTE + 1, false],
  ["ended by LKPS", ended(active), 14 * MINUTE, true],
  ["ended by LKPS long ago", ended(active), 14 * MINUTE + 6, false],
  ["ended, and entered again", { ...ended(active), lastEntryAtMs: T0 + 10 * MINUTE }, 22 * MINUTE, true],
])("a session that is %s after %s is watched: %s", (_, known, after, expected) => {
  expect(isWatched(tracked(known), T0 + after, true)).toBe(expected);
});

test("a session is watched until two minutes after its token expired, if that is later", () => {
  const session = { ...tracked(left), expiresAt: new Date(T0 + 60 * MINUTE) };
  expect(isWatched(session, T0 + 62 * MINUTE, true)).toBe(true);
  expect(isWatched(session, T0 + 62 * MINUTE + 1, true)).toBe(false);
});

test("without checks, a token is waited for, and a session counts for a day after its participant joined", () => {
  const [day, longLived] = [1_440 * MINUTE, { ...tracked({}), expiresAt: new Date(T0 + 2_000 * MINUTE) }];
  expect(isWatched(longLived, T0 + 1_990 * MINUTE, false)).toBe(true);
  const late = tracked({ ...waiting, joinedAtMs: T0 + 700 * MINUTE });
  expect(isWatched(late, T0 + 1_500 * MINUTE, false)).toBe(true);
  expect([openUntil(T0, T0 + 5, false), openUntil(T0, T0 + 2 * day, false)]).toEqual([T0 + 5, T0 + day]);
  expect(openUntil(T0, T0 + 2 * day, true)).toBe(T0 + 2 * day);
});

test.each<[string, KnownSession, number, boolean]>([
  ["issued", {}, 0, true],
  ["unused", {}, 12 * MINUTE, false],
  ["active", active, 0, true],
  ["being ended", closingOf(active), 0, false],
  ["ended", left, 0, false],
])("a session that is %s (%j) is open after %i ms: %s", (_, known, after, expected) => {
  expect(isOpen(tracked(known), T0 + after)).toBe(expected);
});

test.each<[string, KnownSession, number, boolean, boolean]>([
  ["issued", {}, 10 * MINUTE - 1, true, true],
  ["issued, its token expired", {}, 10 * MINUTE, true, false],
  ["waiting", waiting, 60 * MINUTE, true, true],
  ["active for two days", active, 2_880 * MINUTE, true, true],
  ["active for a day without checks", active, 1_440 * MINUTE - 1, false, true],
  ["active for longer without checks", active, 1_440 * MINUTE, false, false],
  ["ended", left, 2 * MINUTE, true, false],
])("a session that is %s counts for limits", (_, known, after, isChecked, expected) => {
  expect(countsAsLive(tracked(known), T0 + after, isChecked)).toBe(expected);
});

test.each([
  ["denied", { ...left, denied: { sinceMs: T0, isConfirmed: true } }],
  ["allowed", left],
  ["unknown", left],
] as const)(
  "a denial before a session was over counts when it is live again, if it is %s meanwhile",
  (decision, known) => {
    const denied = tracked({ ...left, denied: { sinceMs: T0, isConfirmed: false } });
    expect(applyDecision(denied, decision, undefined, T0 + MINUTE)).toEqual(known);
  },
);

test("a session that is being ended is not denied any more, and a denial comes before a limit", () => {
  const closing = closingOf(active);
  expect(applyDecision(tracked(closing), "denied", undefined, T0)).toEqual(closing);
  const denied = tracked({ ...active, denied: { sinceMs: T0, isConfirmed: false } });
  const { reason } = applyDecision(denied, "denied", 1, T0 + 2 * MINUTE).closing ?? {};
  expect(reason).toBe("authorization_withdrawn");
  expect(confirmClosing(active, true, T0)).toBe(active);
});

test("a denial by an instance whose clock is ahead does not delay the ending", () => {
  const known = applyDecision(
    tracked({ ...active, denied: { sinceMs: T0 + 60 * MINUTE, isConfirmed: false } }),
    "denied",
    undefined,
    T0,
  );
  expect(applyDecision(tracked(known), "denied", undefined, T0 + 20_000).closing).toBeDefined();
});

test("a session ends at the first check after its limit, counted from when its participant joined", () => {
  const decide = (ms: number) => applyDecision(tracked(active), "unknown", 60, T0 + ms);
  expect(decide(60 * MINUTE - 1)).toEqual(active);
  expect(decide(60 * MINUTE).closing).toMatchObject({ reason: "duration_limit" });
  expect(applyDecision(tracked({}), "allowed", 1, T0 + 5 * MINUTE)).toEqual({});
});

test("each change of the state is an event, once", () => {
  const status = (known: KnownSession, at = T0) => statusOf(tracked(known), at);
  expect(changesBetween(status({}), status(active))).toEqual(["session_joined", "session_agent_joined"]);
  expect(changesBetween(status(active), status(left))).toEqual(["session_ended"]);
  expect(changesBetween(status(left), status(active))).toEqual(["session_joined"]);
  expect(changesBetween(status(left), status(ended(left)))).toEqual([]);
  const recalls = { total: 1, roomSid: room.sid, inRoom: 1, lastAtMs: T0, dispatchId: "AD_1" };
  expect(changesBetween(status(waiting), status({ ...waiting, recalls }))).toEqual([
    "session_agent_recalled",
  ]);
});

describe("calling the agent again", () => {
  const gone = (leftReason: string) => ({ ...waiting, connections: [client, { ...agent, leftReason }] });
  const recalls = { total: 5, roomSid: room.sid, inRoom: 2, lastAtMs: T0, dispatchId: "AD_1" };
  test.each<[string, KnownSession, number, string | undefined]>([
    ["its participant has waited for 20 s", waiting, 20_000, "missing"],
    ["its participant has just come", waiting, 19_999, undefined],
    ["its participant is gone", { room }, 20_000, undefined],
    ["the agent is there", active, 20_000, undefined],
    ["the agent's connection was lost", gone("CONNECTION_TIMEOUT"), 1, "lost"],
    ["the agent left", gone("CLIENT_INITIATED"), 20_000, undefined],
    ["nobody knows why the agent left", gone(""), 20_000, undefined],
    ["it was called 20 s ago", { ...waiting, recalls }, 20_000, "missing"],
    ["it was called less than 20 s ago", { ...waiting, recalls }, 19_999, undefined],
    ["it was called three times", { ...waiting, recalls: { ...recalls, inRoom: 3 } }, 60_000, undefined],
    [
      "it was called three times into an earlier room",
      { ...waiting, recalls: { ...recalls, roomSid: "RM_0", inRoom: 3 } },
      60_000,
      "missing",
    ],
    [
      "an agent is listed in an earlier room",
      { ...waiting, connections: [{ ...agent, roomSid: "RM_0" }, client] },
      20_000,
      "missing",
    ],
    [
      "it was lost in an earlier room",
      { ...waiting, connections: [{ ...agent, roomSid: "RM_0", leftReason: "CONNECTION_TIMEOUT" }, client] },
      1,
      undefined,
    ],
    [
      "its participant was in an earlier room",
      { room, connections: [{ ...client, roomSid: "RM_0" }] },
      60_000,
      undefined,
    ],
    [
      "its participant has left",
      { room, connections: [{ ...client, leftReason: "OTHER" }] },
      60_000,
      undefined,
    ],
    [
      "its participant has come back",
      {
        room,
        connections: [
          { ...client, leftReason: "OTHER" },
          { ...client, sid: "PA_3", joinedAtMs: T0 + 9_000 },
        ],
      },
      20_000,
      "missing",
    ],
    ["nobody ever was in it", { room, recalls }, 60_000, undefined],
  ])("if %s", (_, known, after, cause) => {
    expect(recallCause(known, T0 + after)).toBe(cause);
  });

  const dispatch = (id: string, more: Partial<Dispatch> = {}): Dispatch => ({
    id,
    agentName: AGENT,
    metadata: id,
    deployment: "",
    createdAtMs: T0,
    jobs: [],
    ...more,
  });
  const job = (status: "pending" | "running" | "failed" | "succeeded", startedAtMs: number) => ({
    jobs: [{ status, startedAtMs }],
  });
  test.each<[string, Dispatch[], KnownSession, "missing" | "lost", string | undefined]>([
    ["nobody took it", [dispatch("AD_1")], waiting, "missing", "AD_1"],
    ["it was deleted", [dispatch("AD_2", { agentName: "other" })], waiting, "missing", undefined],
    ["only the repeated one is left", [dispatch("AD_2")], { ...waiting, recalls }, "missing", undefined],
    [
      "it is the earliest",
      [dispatch("AD_2", { createdAtMs: T0 + 1 }), dispatch("AD_1")],
      waiting,
      "missing",
      "AD_1",
    ],
    ["a job is starting", [dispatch("AD_1", job("running", T0 + 61_001))], waiting, "missing", undefined],
    ["the job's worker died", [dispatch("AD_1", job("running", T0 + 60_000))], waiting, "missing", "AD_1"],
    ["the job failed", [dispatch("AD_1", job("failed", T0 + 119_000))], waiting, "missing", "AD_1"],
    ["the job has done its work", [dispatch("AD_1", job("succeeded", T0))], waiting, "missing", undefined],
    [
      "the connection was lost",
      [dispatch("AD_1", job("running", T0 + 119_000))],
      gone("CONNECTION_TIMEOUT"),
      "lost",
      "AD_1",
    ],
    [
      "a later one's job is starting",
      [dispatch("AD_1", job("failed", T0)), dispatch("AD_2", job("pending", T0 + 119_000))],
      waiting,
      "missing",
      undefined,
    ],
    [
      "another was repeated in an earlier room",
      [dispatch("AD_2", { createdAtMs: T0 + 1 }), dispatch("AD_1")],
      { ...waiting, recalls: { ...recalls, roomSid: "RM_0", dispatchId: "AD_2" } },
      "missing",
      "AD_1",
    ],
  ])("the room's first dispatch is repeated, if %s", (_, dispatches, known, cause, id) => {
    const found = dispatchToRepeat(known, AGENT as ClientId, cause, dispatches, T0 + 120_000);
    expect(found?.id).toBe(id);
  });

  test("a call is counted for its room before it is made", () => {
    const first = claimRecall(waiting, "AD_1", T0);
    expect(first.recalls).toEqual({ total: 0, roomSid: "RM_1", inRoom: 1, lastAtMs: T0, dispatchId: "AD_1" });
    expect(claimRecall({}, "AD_1", T0)).toEqual({});
    expect(claimRecall({ ...waiting, recalls }, "AD_1", T0 + 1).recalls).toMatchObject({
      total: 5,
      inRoom: 3,
    });
  });
});
