import { describe, expect, test } from "vitest";
import { startSession } from "../../src/application/start-session.ts";
import type { ApiApplication } from "../../src/domain/application.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { createDecisionRecord } from "../../src/domain/decision-record.ts";
import { DependencyError } from "../../src/domain/dependency-error.ts";
import type { SessionRequest } from "../../src/domain/session.ts";
import { AGENT, api, CLIENT } from "../support/app-registration.ts";
import { contextFor, EXPIRES_AT, type FakeWorld, fakePorts, NOW } from "../support/fakes.ts";

const request: SessionRequest = {
  agent: AGENT as ClientId,
  participant: { name: "Ada", metadata: "her metadata", attributes: { language: "en" } },
  agentMetadata: "for the agent",
};
// The time of it all, and the random bits of the first UUID.
const SESSION_ID = "01a20cc8-8e80-7000-8000-000000000001";
const ROOM = `lkps-${AGENT}-${SESSION_ID}`;

/** Starts sessions in that world, one after another. */
function starter(changes: Partial<FakeWorld> = {}, more: Partial<SessionRequest> = {}) {
  const { ports, ...rest } = fakePorts(changes);
  const record = createDecisionRecord("session_start", "the-decision");
  const start = () => startSession(ports, CLIENT as ClientId, { ...request, ...more }, contextFor(record));
  return { ...rest, ports, record, start };
}

test("a session has a new room, an identity for the client, a token, and a stored record", async () => {
  const { start, asked } = starter();
  const session = {
    sessionId: SESSION_ID,
    agent: AGENT,
    client: CLIENT,
    basis: "pre_authorized",
    roomName: ROOM,
    participantIdentity: `${CLIENT}-suffix2`,
    startedAt: NOW,
    expiresAt: EXPIRES_AT,
    decisionId: "the-decision",
  };
  expect(await start()).toEqual({
    participantToken: `token of ${SESSION_ID}`,
    session,
  });
  expect(asked.stored).toEqual([session]);
});

test("the token is signed for the permit and the plan of that very session", async () => {
  const { start, asked } = starter();
  await start();
  expect(asked.permits).toEqual([{ agent: AGENT, client: CLIENT, basis: "pre_authorized" }]);
  expect(asked.plans).toEqual([
    {
      sessionId: SESSION_ID,
      roomName: ROOM,
      participantIdentity: `${CLIENT}-suffix2`,
      participant: request.participant,
      agentMetadata: "for the agent",
      expiresAt: EXPIRES_AT,
    },
  ]);
});

describe("a deployment", () => {
  test.each([undefined, "staging"])("that its owner allows (%s) is dispatched", async (deployment) => {
    const { start, asked } = starter({}, { deployment });
    await start();
    expect(asked.plans.map((plan) => plan.deployment)).toEqual([deployment]);
  });

  test.each<[string, string, Partial<FakeWorld>, unknown]>([
    ["not in the list", "canary", {}, "deployment_not_allowed"],
    ["in another letter case", "Staging", {}, "deployment_not_allowed"],
    ["of an agent that opted out", "canary", { registered: "opted out" }, "deployment_not_allowed"],
    [
      "of a client that is denied",
      "canary",
      { api: {} },
      { allowed: false, code: "scope_not_exposed", check: 1 },
    ],
  ])("%s starts nothing", async (_, deployment, changes, refusal) => {
    const { start, asked } = starter(changes, { deployment });
    expect(await start()).toEqual(refusal);
    expect(asked.order.filter((port) => port !== "find" && port !== "read")).toEqual([]);
  });
});

test("if the agent opted out, the session's basis says so", async () => {
  const { start, asked } = starter({ registered: "opted out" });
  await start();
  expect(asked.stored.map(({ basis }) => basis)).toEqual(["enforcement_disabled"]);
});

test("each session has its own id, room, and identity", async () => {
  const { start, asked } = starter();
  for (let n = 0; n < 20; n++) await start();
  const names = asked.stored.flatMap((one) => [one.sessionId, one.roomName, one.participantIdentity]);
  expect(new Set(names).size).toBe(60);
});

test("the decision's record has the session, and the duration of both table operations", async () => {
  const { start, record } = starter();
  await start();
  expect(record).toMatchObject({ session_id: SESSION_ID, code: "pre_authorized", tables_ms: 5_002 });
});

describe("the token is returned only after the record is stored", () => {
  test("LKPS decides, stores while it signs, and only then answers", async () => {
    const { start, asked } = starter();
    await start().then(() => asked.order.push("answered"));
    expect(asked.order).toEqual(["find", "read", "add", "issue", "stored", "answered"]);
  });

  test("while the store does not answer, there is no answer", async () => {
    const { ports } = starter();
    const stuck = { ...ports, sessions: { ...ports.sessions, add: () => new Promise<void>(() => {}) } };
    const record = createDecisionRecord("session_start", "the-decision");
    const started = startSession(stuck, CLIENT as ClientId, request, contextFor(record));
    const soon = new Promise((resolve) => setTimeout(resolve, 20, "nothing yet"));
    expect(await Promise.race([started, soon])).toBe("nothing yet");
  });

  test("a record that cannot be stored is a failure, and the decision's record names no session", async () => {
    const storing = new DependencyError("storage_unavailable", "Table Storage does not answer");
    const { start, record, asked } = starter({ storing });
    await expect(start()).rejects.toBe(storing);
    expect(asked.stored).toEqual([]);
    expect(record).toMatchObject({ session_id: null, tables_ms: 5_002 });
  });

  test("a token that cannot be signed is a failure, and the decision's record names no session", async () => {
    const issuing = new Error("The key cannot sign");
    const { start, record } = starter({ issuing });
    await expect(start()).rejects.toBe(issuing);
    expect(record.session_id).toBeNull();
  });
});

test.each<[string, Partial<FakeWorld>, object]>([
  [
    "the agent is not registered",
    { registered: "no" },
    { allowed: false, code: "agent_not_registered", check: null },
  ],
  [
    "the client is not pre-authorized",
    { api: api({ preAuthorizedApplications: [] }) as ApiApplication },
    { allowed: false, code: "client_not_pre_authorized", check: 2 },
  ],
])("if %s, no token is signed and nothing is stored", async (_, changes, denial) => {
  const { start, record, asked } = starter(changes);
  expect(await start()).toEqual(denial);
  expect(asked.order.filter((port) => port !== "find" && port !== "read")).toEqual([]);
  expect(record.session_id).toBeNull();
});

test.each<[string, Partial<FakeWorld>]>([
  ["the registration", { registered: new DependencyError("storage_unavailable", "down") }],
  ["the application", { api: new DependencyError("directory_unavailable", "down") }],
])("without %s, there is no session: no token is signed and nothing is stored", async (_, changes) => {
  const { start, asked } = starter(changes);
  await expect(start()).rejects.toThrow(DependencyError);
  expect(asked.order.filter((port) => port !== "find" && port !== "read")).toEqual([]);
});

describe("an agent with limits", () => {
  test.each([{ max_live_sessions: 1 }, { max_live_sessions_per_client: 1 }])(
    "starts no session if %j is reached: no token, no record",
    async (limits) => {
      const { start, asked, world } = starter({ limits, isFull: true });
      expect(await start()).toBe("session_limit_reached");
      expect([asked.stored, asked.plans]).toEqual([[], []]);
      world.isFull = false;
      expect(await start()).toHaveProperty("participantToken");
    },
  );

  test("is not asked for a slot if none of them is about the number of sessions", async () => {
    const { start } = starter({ limits: { max_session_minutes: 1 }, isFull: true });
    expect(await start()).toHaveProperty("participantToken");
  });
});
