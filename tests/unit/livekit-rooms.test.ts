import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import {
  AgentDispatch,
  AgentDispatchState,
  CreateRoomRequest,
  DisconnectReason,
  Job,
  JobState,
  JobStatus,
  ParticipantInfo,
  ParticipantInfo_Kind,
  Room,
  ParticipantInfo_State as State,
} from "@livekit/protocol";
import { TokenVerifier } from "livekit-server-sdk";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createLiveKitRooms } from "../../src/adapters/livekit/livekit-rooms.ts";
import { leftReasonOf } from "../../src/adapters/livekit/seen-in-livekit.ts";

const key = { apiKey: "key", apiSecret: "a-secret-of-at-least-thirty-two-bytes" };
const NAME = "lkps-room";
const T0 = 1_795_510_800_123;

/** What was asked: the method, its body, and the grants of its token. */
const asked: { method: string; body: Record<string, unknown>; video: unknown }[] = [];
/** The answers to each method, the last one for all further calls. */
let answers: Record<string, { status: number; body: unknown }[]> = {};
const server = createServer(
  (request, response) =>
    void serve(request).then(({ status, body }) => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    }),
);

async function serve(request: IncomingMessage) {
  const { url = "", headers } = request;
  const method = url.split("/").at(-1) ?? "";
  const { video } = await new TokenVerifier(key.apiKey, key.apiSecret).verify(
    String(headers.authorization).slice("Bearer ".length),
  );
  asked.push({ method, body: JSON.parse(await text(request)), video });
  const next = answers[method] ?? [];
  return (next.length > 1 ? next.shift() : next[0]) ?? { status: 200, body: {} };
}

beforeEach(async () => {
  asked.length = 0;
  answers = {};
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(() => new Promise((resolve) => server.close(resolve)));
const rooms = () =>
  createLiveKitRooms({ apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, ...key });
const ok = (body: unknown) => [{ status: 200, body }];
const refused = (status: number, code: string) => [{ status, body: { code, msg: "a secret" } }];

test("lists rooms and participants with LiveKit's times in milliseconds", async () => {
  const room = new Room({ sid: "RM_1", name: NAME, creationTimeMs: BigInt(T0), numParticipants: 2 });
  const older = new Room({ sid: "RM_2", name: "older", creationTime: 1_795_510_800n });
  answers["ListRooms"] = ok({ rooms: [room.toJson(), older.toJson()] });
  expect([...(await rooms().list([NAME, "older", "missing"]))]).toEqual([
    [NAME, { sid: "RM_1", createdAtMs: T0, participants: 2 }],
    ["older", { sid: "RM_2", createdAtMs: 1_795_510_800_000, participants: 0 }],
  ]);
  const kind = ParticipantInfo_Kind.AGENT;
  const agent = new ParticipantInfo({ sid: "PA_1", identity: "agent-1", kind, joinedAtMs: BigInt(T0) });
  const others = [
    { state: State.JOINED },
    { state: State.DISCONNECTED },
    // An impossible time.
    { joinedAtMs: 2n ** 63n - 1n },
  ].map((each) => new ParticipantInfo({ sid: "PA_2", ...each }));
  answers["ListParticipants"] = ok({ participants: [agent, ...others].map((each) => each.toJson()) });
  expect(await rooms().participants(NAME)).toEqual([
    { sid: "PA_1", identity: "agent-1", isAgent: true, joinedAtMs: T0 },
  ]);
  expect(asked).toEqual([
    { method: "ListRooms", body: { names: [NAME, "older", "missing"] }, video: { roomList: true } },
    { method: "ListParticipants", body: { room: NAME }, video: { roomAdmin: true, room: NAME } },
  ]);
});

test("closes a room: deletes it, and creates it for nobody", async () => {
  answers["CreateRoom"] = ok({ name: NAME, empty_timeout: 800 });
  expect(await rooms().close(NAME, 800)).toBe(true);
  expect(asked.map(({ method, video }) => [method, video])).toEqual([
    ["DeleteRoom", { roomCreate: true }],
    ["CreateRoom", { roomCreate: true }],
  ]);
  const created = CreateRoomRequest.fromJson(asked[1]?.body as never);
  expect(created).toMatchObject({ name: NAME, emptyTimeout: 800, departureTimeout: 800 });
  expect(created.agents.map(({ agentName }) => agentName)).toEqual(["lkps-ended"]);
});

test("closes a room that somebody made in between, whose agent would come", async () => {
  answers["CreateRoom"] = [...ok({ name: NAME, empty_timeout: 300 }), ...ok({ empty_timeout: 720 })];
  expect(await rooms().close(NAME, 720)).toBe(true);
  expect(asked.map(({ method }) => method)).toEqual(["DeleteRoom", "CreateRoom", "DeleteRoom", "CreateRoom"]);
});

test("a room that does not exist counts as deleted, if LiveKit says so", async () => {
  answers = { DeleteRoom: refused(404, "not_found"), CreateRoom: ok({ empty_timeout: 720 }) };
  expect(await rooms().close(NAME, 720)).toBe(true);
  answers = { ...answers, CreateRoom: refused(500, "internal") };
  expect(await rooms().close(NAME, 720)).toBe(false);
});

test.each([
  [404, "bad_route"],
  [401, "unauthenticated"],
  [503, "unavailable"],
  [503, ""],
  [200, ""],
])(
  "any other response (%i %s) is a failure, of which only status and code are known",
  async (status, code) => {
    const debug = vi.spyOn(console, "debug");
    const calls = ["DeleteRoom", "ListRooms", "ListParticipants", "ListDispatch", "CreateDispatch"];
    const body = code === "" ? "a secret" : { code, msg: "a secret" };
    answers = Object.fromEntries(calls.map((each) => [each, [{ status, body }]]));
    const { close, list, participants, dispatches, dispatch } = rooms();
    const repeated = { agentName: "a", metadata: "", deployment: "" };
    const operations =
      status === 200
        ? [list([NAME])]
        : [close(NAME, 720), list([NAME]), participants(NAME), dispatches(NAME), dispatch(NAME, repeated)];
    for (const { reason: error } of (await Promise.allSettled(operations)) as PromiseRejectedResult[]) {
      expect(error).toMatchObject({ code: "livekit_unavailable" });
      const cause =
        status === 200 ? "an unreadable response, or none in time" : `${status} ${code}`.trimEnd();
      expect(error.cause).toEqual(new Error(`LiveKit returned ${cause}`));
    }
    expect(debug).not.toHaveBeenCalled();
  },
);

test("repeats a dispatch with its metadata and deployment, and reads jobs in nanoseconds", async () => {
  const state = new JobState({ status: JobStatus.JS_RUNNING, startedAt: BigInt(T0) * 1_000_000n });
  const failed = new JobState({ status: JobStatus.JS_FAILED, updatedAt: BigInt(T0 + 1) * 1_000_000n });
  const listed = new AgentDispatch({
    id: "AD_1",
    agentName: "agent",
    metadata: "{}",
    deployment: "staging",
    state: new AgentDispatchState({
      createdAt: BigInt(T0) * 1_000_000n,
      jobs: [new Job({ state }), new Job({ state: failed })],
    }),
  });
  answers["ListDispatch"] = ok({ agent_dispatches: [listed.toJson()] });
  const [dispatch] = await rooms().dispatches(NAME);
  expect(dispatch).toEqual({
    id: "AD_1",
    agentName: "agent",
    metadata: "{}",
    deployment: "staging",
    createdAtMs: T0,
    jobs: [
      { status: "running", startedAtMs: T0 },
      { status: "failed", startedAtMs: T0 + 1 },
    ],
  });
  if (dispatch !== undefined) await rooms().dispatch(NAME, dispatch);
  expect(asked[1]?.body).toEqual({ room: NAME, agentName: "agent", metadata: "{}", deployment: "staging" });
});

test.each([
  [DisconnectReason.CONNECTION_TIMEOUT, "CONNECTION_TIMEOUT"],
  [DisconnectReason.UNKNOWN_REASON, ""],
  [DisconnectReason.CLIENT_INITIATED, "OTHER"],
])("a participant's reason %i is %j", (disconnectReason, reason) => {
  expect(leftReasonOf(new ParticipantInfo({ disconnectReason }))).toBe(reason);
});
