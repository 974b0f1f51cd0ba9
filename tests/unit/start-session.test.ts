import { describe, expect, test } from "vitest";
import { startSession } from "../../src/application/start-session.ts";
import { createDecisionRecord } from "../../src/application/use-case-context.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import type { SessionRequest } from "../../src/domain/session.ts";
import { AGENT, CLIENT } from "../support/app-registration.ts";
import { contextFor, EXPIRES_AT, type FakeWorld, fakePorts } from "../support/fakes.ts";

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

test("the token is signed for the permit and the plan of that very session", async () => {
  const { start, asked } = starter();
  expect((await start()).kind).toBe("started");
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
});

describe("an agent with limits", () => {
  test.each([{ max_live_sessions: 1 }, { max_live_sessions_per_client: 1 }])(
    "starts no session if %j is reached: no token, no record",
    async (limits) => {
      const { start, asked, world } = starter({ limits, isFull: true });
      expect(await start()).toEqual({ kind: "session_limit_reached" });
      expect([asked.stored, asked.plans, asked.limits]).toEqual([[], [], [limits]]);
      world.isFull = false;
      expect(await start()).toHaveProperty("participantToken");
    },
  );

  test("is not asked for a slot if none of them is about the number of sessions", async () => {
    const { start } = starter({ limits: { max_session_minutes: 1 }, isFull: true });
    expect(await start()).toHaveProperty("participantToken");
  });
});
