import { createHash } from "node:crypto";
import { HttpRequest, type InvocationContext } from "@azure/functions";
import {
  DisconnectReason,
  ParticipantInfo,
  ParticipantInfo_Kind,
  Room,
  WebhookEvent,
} from "@livekit/protocol";
import { AccessToken } from "livekit-server-sdk";
import { describe, expect, test } from "vitest";
import { createWebhookReceiver } from "../../src/adapters/livekit/webhook-receiver.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { DependencyError } from "../../src/domain/dependency-error.ts";
import { unlimited } from "../../src/domain/graph-reading.ts";
import { endSession } from "../../src/functions/end-session.ts";
import { livekitWebhook } from "../../src/functions/livekit-webhook.ts";
import { createHandler } from "../../src/http/handler.ts";
import { AGENT, CLIENT } from "../support/app-registration.ts";
import { LiveStack } from "../support/live-stack.ts";
import { CLIENT_IDENTITY, T0 } from "../support/session-world.ts";

const key = { apiKey: "key", apiSecret: "a-secret-of-at-least-thirty-two-bytes" };
const webhooks = createWebhookReceiver(key);
const down = new DependencyError("livekit_unavailable", "LiveKit's API cannot be used");
const stack = () => new LiveStack();
const room = new Room({ sid: "RM_1", name: stack().session.roomName, creationTimeMs: BigInt(T0) });
const participant = new ParticipantInfo({
  sid: "PA_1",
  identity: CLIENT_IDENTITY,
  joinedAtMs: BigInt(T0 + 7),
});
const event = (name: string, more: object = {}) =>
  new WebhookEvent({ event: name, createdAt: BigInt(T0 / 1_000), room, ...more }).toJsonString();
const joined = event("participant_joined", { participant });

async function signed(body: string, secret = key.apiSecret): Promise<string> {
  const token = new AccessToken(key.apiKey, secret, { ttl: 300 });
  token.sha256 = createHash("sha256").update(body).digest("base64");
  return await token.toJwt();
}

/** Calls an endpoint about a session. The status, the problem's code, and what was logged. */
async function call(
  live: LiveStack,
  endpoint: typeof livekitWebhook | typeof endSession,
  request: HttpRequest,
  caller = AGENT,
) {
  const logged: string[] = [];
  const log = (line: string) => logged.push(line);
  const { clock, ...ports } = live.ports();
  const sessions = {
    change: async (...[agent, id, change]: Parameters<typeof ports.sessions.change>) =>
      agent === AGENT && id === live.session.sessionId
        ? await ports.sessions.change(agent, id, change)
        : undefined,
  };
  const handler = createHandler(endpoint as never, { ...ports, sessions, clock, webhooks } as never, {
    identifyCaller: async () => ({
      clientId: caller as ClientId,
      isApplicationToken: true,
      scopes: [],
      objectId: undefined,
    }),
    rateLimitOf: () => unlimited,
    clock,
    random: { uuid: () => "0b9f4d5e-6a1c-4f27-9d83-2e5a7c1b8f40" },
    locateError: () => undefined,
  });
  const context = { invocationId: "1", log, error: log } as unknown as InvocationContext;
  const { status = 200, body } = (await handler(request, context)) ?? {};
  const code = typeof body === "string" ? JSON.parse(body).code : undefined;
  return { status, code, logged, events: logged.map((line) => JSON.parse(line).event) };
}

async function deliver(live: LiveStack, body: string, headers: Record<string, string> = {}) {
  const url = "http://127.0.0.1/api/livekit/webhook";
  const own = { "content-type": "application/webhook+json", authorization: await signed(body) };
  const request = new HttpRequest({
    method: "POST",
    url,
    headers: { ...own, ...headers },
    body: { string: body },
  });
  return await call(live, livekitWebhook, request);
}

const end = (live: LiveStack, sessionId = live.session.sessionId, caller = AGENT) => {
  const url = `http://127.0.0.1/api/agent/sessions/${sessionId}`;
  return call(
    live,
    endSession,
    new HttpRequest({ method: "DELETE", url, params: { session_id: sessionId } }),
    caller,
  );
};

describe("a webhook", () => {
  test("changes the session's state, once", async () => {
    const live = stack();
    expect(await deliver(live, joined)).toMatchObject({ status: 200, events: ["session_joined"] });
    expect(live.status).toMatchObject({ state: "waiting", joinedAtMs: T0 + 7 });
    expect(await deliver(live, joined)).toMatchObject({ status: 200, logged: [] });
    const agent = { ...participant, sid: "PA_2", identity: "agent", kind: ParticipantInfo_Kind.AGENT };
    await deliver(live, event("participant_joined", { participant: agent }));
    expect(live.status.state).toBe("active");
    const left = { ...participant, disconnectReason: DisconnectReason.CLIENT_INITIATED };
    await deliver(live, event("participant_left", { participant: left }));
    expect(live.status.state).toBe("waiting");
    expect((await deliver(live, event("room_finished"))).events).toEqual(["session_ended"]);
  });

  test.each<[string, () => Promise<{ bom?: string } & Record<string, string>>]>([
    ["no token", async () => ({ authorization: "" })],
    ["a token of another body", async () => ({ authorization: await signed(`${joined} `) })],
    ["a token of another key", async () => ({ authorization: await signed(joined, "x".repeat(32)) })],
    ["no body's", async () => ({ authorization: await new AccessToken(key.apiKey, key.apiSecret).toJwt() })],
    ["the token as a bearer", async () => ({ authorization: `Bearer ${await signed(joined)}` })],
    ["a byte order mark before the body", async () => ({ authorization: await signed(joined), bom: "yes" })],
    ["another media type", async () => ({ "content-type": "application/json" })],
  ])("with %s is refused, and changes nothing", async (_, headers) => {
    const live = stack();
    const { bom, ...others } = await headers();
    expect(await deliver(live, bom ? `\ufeff${joined}` : joined, others)).toEqual({
      status: 401,
      code: "invalid_signature",
      logged: [],
      events: [],
    });
    expect(live.session.known).toEqual({});
  });

  test.each([
    ["another room", event("participant_joined", { participant, room: { ...room, name: "lkps-other" } })],
    ["a session that does not exist", joined.replaceAll(stack().session.sessionId, CLIENT)],
    ["something else", event("track_published", { participant })],
    ["an impossible time", event("room_finished", { createdAt: 2n ** 63n - 1n })],
    [
      "an impossible entry",
      event("participant_joined", { participant: { ...participant, joinedAtMs: 2n ** 63n - 1n } }),
    ],
    ["no room", new WebhookEvent({ event: "egress_started" }).toJsonString()],
    ["another participant", event("participant_left", { participant: { ...participant, identity: "x" } })],
  ])("about %s is taken, and changes nothing but the room", async (_, body) => {
    const live = stack();
    expect(await deliver(live, body)).toEqual({ status: 200, code: undefined, logged: [], events: [] });
    expect(live.status.joinedAtMs).toBeNull();
  });

  test("can have 1 MiB", async () => {
    const metadata = "x".repeat(1024 * 1024);
    const fits = event("participant_joined", {
      participant: { ...participant, metadata: metadata.slice(1_000) },
    });
    expect((await deliver(stack(), fits)).status).toBe(200);
    const tooLarge = event("participant_joined", { participant: { ...participant, metadata } });
    expect(await deliver(stack(), tooLarge)).toMatchObject({ status: 413, code: "body_too_large" });
  });

  test("of somebody who comes back to a session that LKPS ended puts them out", async () => {
    const live = stack();
    live.happen("client comes");
    await end(live);
    live.world.happen("client comes");
    expect(await deliver(live, joined)).toMatchObject({ status: 200, logged: [] });
    expect([live.world.present.size, live.status.state]).toEqual([0, "ended"]);
    live.faults.close = down;
    expect(await deliver(live, joined)).toMatchObject({ status: 503, code: "livekit_unavailable" });
  });
});

test.each([
  [1, ["session_joined"], 1],
  [2, ["session_joined", "session_ended"], 0],
])(
  "a session that is over, and whose client comes back after %i checks that denied it, is put out if it was two",
  async (checks, events, present) => {
    const live = stack();
    live.happen("client comes", "room closes");
    live.api = { oauth2PermissionScopes: [], preAuthorizedApplications: [] } as never;
    for (let n = 0; n < checks; n++) await live.check();
    expect(live.status.endReason).toBe("left");
    live.world.happen("client comes");
    const newer = new Room({ ...room, sid: "RM_3", creationTimeMs: BigInt(live.world.nowMs) });
    const again = new ParticipantInfo({ ...participant, joinedAtMs: BigInt(live.world.nowMs) });
    const body = event("participant_joined", { room: newer, participant: again });
    expect(await deliver(live, body)).toMatchObject({ status: 200, events });
    expect(live.world.present.size).toBe(present);
  },
);

describe("the agent's owner ends a session", () => {
  test("and it has ended once LiveKit deleted the room", async () => {
    const live = stack();
    live.happen("client comes", "agent comes");
    live.faults.close = down;
    expect(await end(live)).toMatchObject({ status: 503, code: "livekit_unavailable" });
    expect(live.status.state).toBe("active");
    delete live.faults.close;
    const { status, logged } = await end(live);
    expect(status).toBe(204);
    expect(logged.map((line) => JSON.parse(line))).toMatchObject([
      {
        event: "session_ended",
        outcome: "done",
        code: "ended_by_owner",
        status: null,
        agent_entra_app_id: AGENT,
        client_app_id: CLIENT,
        session_id: live.session.sessionId,
        decision_id: live.session.decisionId,
      },
    ]);
    expect(await end(live)).toMatchObject({ status: 204, logged: [] });
    expect(live.operations.filter((each) => each === "close")).toHaveLength(2);
  });

  test("whose room could only be deleted, and closes it by asking again", async () => {
    const live = Object.assign(stack(), { cannotCreate: true });
    live.happen("client comes");
    expect(await end(live)).toMatchObject({ status: 204, events: ["session_ended"] });
    live.faults.close = down;
    expect(await end(live)).toMatchObject({ status: 204, events: [] });
    Object.assign(live, { faults: {}, cannotCreate: false });
    expect(await end(live)).toMatchObject({ status: 204, events: [] });
    expect(live.session.known.closing?.isClosed).toBe(true);
  });

  test("that had ended by itself, which stays ended, and its room is closed", async () => {
    const live = stack();
    live.happen("client comes", "room closes");
    const { endedAtMs } = live.status;
    expect(await end(live)).toMatchObject({ status: 204, logged: [] });
    expect(live.status).toMatchObject({ state: "ended", endReason: "ended_by_owner", endedAtMs });
    expect(live.operations).toContain("close");
  });

  test("that nobody used, which stays unused", async () => {
    const live = stack();
    live.world.nowMs += 3_600_000;
    expect(await end(live)).toMatchObject({ status: 204 });
    expect([live.status.state, live.operations]).toEqual(["unused", ["change"]]);
  });

  test("unless it is another agent's, or does not exist", async () => {
    const live = stack();
    const missing = { status: 404, code: "session_not_found" };
    expect(await end(live, live.session.sessionId, CLIENT)).toMatchObject(missing);
    expect(await end(live, CLIENT)).toMatchObject(missing);
  });
});
