import { expect, test } from "vitest";
import type { Connection, KnownSession, RoomEvent, SeenParticipant } from "../../src/domain/known-session.ts";
import { applyEvent, applyReading } from "../../src/domain/live-session.ts";
import type { SessionRecord } from "../../src/domain/session.ts";
import { CLIENT_IDENTITY, CLOSING as closing, T0 } from "../support/session-world.ts";

const record = { participantIdentity: CLIENT_IDENTITY } as SessionRecord;
const room = { sid: "RM_5", createdAtMs: T0 };
const [later, earlier] = [
  { sid: "RM_1", createdAtMs: T0 + 1 },
  { sid: "RM_9", createdAtMs: T0 - 1 },
];
const closed = { ...room, finishedAtMs: T0 + 60_000 };
const confirmed = { ...closing, confirmedAtMs: T0 + 50_000 };
const missing = { sinceMs: T0 + 30_000, isConfirmed: false };
const client = { sid: "PA_1", identity: CLIENT_IDENTITY, isAgent: false, joinedAtMs: T0 };
const agent = { ...client, sid: "PA_2", identity: "agent-AJ_1", isAgent: true };
/** The connection that a participant has. */
const of = ({ identity: _, ...seen }: SeenParticipant, more: Partial<Connection> = {}): Connection => {
  return { ...seen, roomSid: room.sid, ...more };
};
const entered = { joinedAtMs: T0, lastEntryAtMs: T0 };
const both: KnownSession = {
  room,
  connections: [of(client), of(agent)],
  ...entered,
  agentJoinedAtMs: T0,
};
const event = (kind: RoomEvent["kind"], afterMs: number, more: Partial<RoomEvent> = {}): RoomEvent => {
  return { kind, atMs: T0 + afterMs, room, ...more };
};
const joined = (participant: SeenParticipant, more: Partial<RoomEvent> = {}) => {
  return event("joined", 0, { participant, ...more });
};
const left = (participant: SeenParticipant, leftReason: string) => {
  return event("left", 9, { participant: { ...participant, leftReason } });
};
const finished = event("finished", 60_000);

test.each<[string, KnownSession, RoomEvent, KnownSession]>([
  ["the first event gives the room", {}, event("seen", 0), { room }],
  [
    "a room that was made later takes its place",
    { room, missing },
    event("seen", 0, { room: later }),
    { room: later },
  ],
  ["an earlier one does not", { room, missing }, event("seen", 0, { room: earlier }), { room, missing }],
  [
    "of two rooms of one time, one wins",
    { room },
    event("seen", 0, { room: { ...room, sid: "RM_6" } }),
    { room: { ...room, sid: "RM_6" } },
  ],
  ["and the other does not", { room }, event("seen", 0, { room: { ...room, sid: "RM_4" } }), { room }],
  [
    "an earlier room's end says nothing",
    { room, closing },
    event("finished", 60_000, { room: earlier }),
    { room, closing },
  ],
  ["a room's end stays", { room: closed }, event("seen", 70_000), { room: closed }],
  [
    "a room's earliest time stays",
    { room },
    event("finished", 60_000, { room: { ...room, createdAtMs: T0 + 5 } }),
    { room: closed },
  ],
  ["a room's earliest time counts", { room: { ...room, createdAtMs: T0 + 5 } }, finished, { room: closed }],
  [
    "the end confirms an ending",
    { room, closing },
    finished,
    { room: closed, closing: { ...closing, confirmedAtMs: T0 + 60_000 } },
  ],
  [
    "no ending is before the entry",
    { room, closing, joinedAtMs: T0 + 60_007 },
    finished,
    { room: closed, joinedAtMs: T0 + 60_007, closing: { ...closing, confirmedAtMs: T0 + 60_007 } },
  ],
  ["a confirmed ending stays", { room, closing: confirmed }, finished, { room: closed, closing: confirmed }],
  ["another event confirms nothing", { room, closing }, event("seen", 60_000), { room, closing }],
  ["a later event shows that the room is there", { room, missing }, event("seen", 30_001), { room }],
  ["one of that time does not", { room, missing }, event("seen", 30_000), { room, missing }],
  [
    "nor does one of an earlier room",
    { room, missing },
    event("seen", 40_000, { room: earlier }),
    { room, missing },
  ],
  [
    "a room that ends before it was missing is missing",
    { room, missing },
    event("finished", 20_000),
    { room: { ...room, finishedAtMs: T0 + 20_000 }, missing },
  ],
  ["the participant comes", {}, joined(client), { room, connections: [of(client)], ...entered }],
  [
    "an agent comes, whatever its identity",
    { room },
    joined(agent),
    { room, connections: [of(agent)], agentJoinedAtMs: T0 },
  ],
  ["somebody else comes", { room }, joined({ ...client, identity: "somebody" }), { room }],
  [
    "the participant comes again",
    both,
    joined({ ...client, sid: "PA_3", joinedAtMs: T0 + 9 }),
    {
      ...both,
      connections: [of(client), of(agent), of(client, { sid: "PA_3", joinedAtMs: T0 + 9 })],
      lastEntryAtMs: T0 + 9,
    },
  ],
  [
    "of an earlier entry LKPS hears later",
    both,
    joined({ ...client, sid: "PA_3", joinedAtMs: T0 - 9 }),
    {
      ...both,
      connections: [of(client, { sid: "PA_3", joinedAtMs: T0 - 9 }), of(client), of(agent)],
      joinedAtMs: T0 - 9,
    },
  ],
  [
    "of an agent's earlier entry, too",
    both,
    joined({ ...agent, joinedAtMs: T0 - 9 }),
    { ...both, connections: [of(agent, { joinedAtMs: T0 - 9 }), of(client)], agentJoinedAtMs: T0 - 9 },
  ],
  [
    "a later agent comes",
    both,
    joined({ ...agent, sid: "PA_0", joinedAtMs: T0 }),
    { ...both, connections: [of(agent, { sid: "PA_0" }), of(client), of(agent)] },
  ],
  [
    "whoever enters a closed room has not joined",
    { room, closing: confirmed },
    joined({ ...client, joinedAtMs: T0 + 50_001 }),
    {
      room,
      closing: confirmed,
      connections: [of(client, { joinedAtMs: T0 + 50_001 })],
      lastEntryAtMs: T0 + 50_001,
    },
  ],
  [
    "nor has an agent",
    { room, closing: confirmed },
    joined({ ...agent, joinedAtMs: T0 + 50_001 }),
    { room, closing: confirmed, connections: [of(agent, { joinedAtMs: T0 + 50_001 })] },
  ],
  [
    "whoever entered just then has joined",
    { room, closing: confirmed },
    joined({ ...agent, joinedAtMs: T0 + 50_000 }),
    {
      room,
      closing: confirmed,
      connections: [of(agent, { joinedAtMs: T0 + 50_000 })],
      agentJoinedAtMs: T0 + 50_000,
    },
  ],
  [
    "that it left wins over its entry",
    { ...both, connections: [of(client, { leftReason: "OTHER" }), of(agent)] },
    joined(client),
    { ...both, connections: [of(client, { leftReason: "OTHER" }), of(agent)] },
  ],
  [
    "also without a reason",
    { ...both, connections: [of(client, { leftReason: "" }), of(agent)] },
    joined(client),
    { ...both, connections: [of(client, { leftReason: "" }), of(agent)] },
  ],
  [
    "no reason does not replace one",
    { ...both, connections: [of(client, { leftReason: "OTHER" }), of(agent)] },
    left(client, ""),
    { ...both, connections: [of(client, { leftReason: "OTHER" }), of(agent)] },
  ],
  [
    "a reason replaces none",
    { ...both, connections: [of(client, { leftReason: "" }), of(agent)] },
    left(client, "OTHER"),
    { ...both, connections: [of(client, { leftReason: "OTHER" }), of(agent)] },
  ],
  [
    "no reason is a reason",
    both,
    left(agent, ""),
    { ...both, connections: [of(client), of(agent, { leftReason: "" })] },
  ],
])("%s", (_, known, given, expected) => {
  expect(applyEvent(known, given, record)).toStrictEqual(expected);
});

test("the newest 16 connections of each kind are kept", () => {
  let known: KnownSession = both;
  for (let n = 1; n <= 17; n++)
    known = applyEvent(known, joined({ ...client, sid: `PB_${n}`, joinedAtMs: T0 + n }), record);
  expect(known.connections?.map(({ sid }) => sid)).toEqual([
    "PA_2",
    ...[...Array(16).keys()].map((n) => `PB_${n + 2}`),
  ]);
});

/** What LiveKit answers about the room, 40 s after it was made. */
const asked = T0 + 40_000;
test.each<[string, KnownSession, Parameters<typeof applyReading>[1], KnownSession]>([
  ["no room was ever there", {}, { askedAtMs: asked, room: undefined }, {}],
  ["the room has finished", { room: closed }, { askedAtMs: asked, room: undefined }, { room: closed }],
  [
    "the room is missing",
    { room },
    { askedAtMs: asked, room: undefined },
    { room, missing: { sinceMs: asked, isConfirmed: false } },
  ],
  [
    "it was made 5 s before",
    { room },
    { askedAtMs: T0 + 5_000, room: undefined },
    { room, missing: { sinceMs: T0 + 5_000, isConfirmed: false } },
  ],
  ["it was made less than 5 s before", { room }, { askedAtMs: T0 + 4_999, room: undefined }, { room }],
  [
    "it is missing less than 20 s later",
    { room, missing },
    { askedAtMs: T0 + 49_999, room: undefined },
    { room, missing },
  ],
  [
    "it is missing 20 s later",
    { room, missing },
    { askedAtMs: T0 + 50_000, room: undefined },
    { room, missing: { ...missing, isConfirmed: true } },
  ],
  [
    "it was missing before",
    { room, missing },
    { askedAtMs: T0 + 20_000, room: undefined },
    { room, missing: { ...missing, sinceMs: T0 + 20_000 } },
  ],
  [
    "it was missing 20 s before",
    { room, missing },
    { askedAtMs: T0 + 10_000, room: undefined },
    { room, missing: { sinceMs: T0 + 10_000, isConfirmed: true } },
  ],
  [
    "that is known",
    { room, missing: { ...missing, isConfirmed: true } },
    { askedAtMs: T0 + 9_000, room: undefined },
    { room, missing: { ...missing, isConfirmed: true } },
  ],
  ["it is there again", { ...both, missing }, { askedAtMs: asked, room }, both],
  [
    "an earlier room is listed",
    { ...both, missing },
    { askedAtMs: asked, room: earlier, participants: [] },
    { ...both, missing },
  ],
  ["nobody ever was in it", { room }, { askedAtMs: asked, room, participants: [] }, { room }],
  ["both are in it", { room }, { askedAtMs: asked, room, participants: [client, agent] }, both],
  [
    "one of them is not",
    both,
    { askedAtMs: asked, room, participants: [client] },
    { ...both, connections: [of(client), of(agent, { leftReason: "" })] },
  ],
  [
    "who came 5 s before is not",
    both,
    { askedAtMs: T0 + 5_000, room, participants: [client] },
    { ...both, connections: [of(client), of(agent, { leftReason: "" })] },
  ],
  [
    "who came less than 5 s before is not",
    both,
    { askedAtMs: T0 + 4_999, room, participants: [client] },
    both,
  ],
  [
    "who was left out is in it",
    { ...both, connections: [of(client), of(agent, { leftReason: "" })] },
    { askedAtMs: asked, room, participants: [client, agent] },
    both,
  ],
  [
    "who left is in it",
    { ...both, connections: [of(client), of(agent, { leftReason: "OTHER" })] },
    { askedAtMs: asked, room, participants: [client, agent] },
    { ...both, connections: [of(client), of(agent, { leftReason: "OTHER" })] },
  ],
  [
    "who left is not",
    { ...both, connections: [of(client), of(agent, { leftReason: "OTHER" })] },
    { askedAtMs: asked, room, participants: [client] },
    { ...both, connections: [of(client), of(agent, { leftReason: "OTHER" })] },
  ],
  [
    "who is in an earlier room is not",
    { ...both, connections: [of(client, { sid: "PA_0", roomSid: earlier.sid }), of(client), of(agent)] },
    { askedAtMs: asked, room, participants: [client, agent] },
    { ...both, connections: [of(client, { sid: "PA_0", roomSid: earlier.sid }), of(client), of(agent)] },
  ],
])("when LiveKit is asked, %s", (_, known, reading, expected) => {
  expect(applyReading(known, reading, record)).toStrictEqual(expected);
});
