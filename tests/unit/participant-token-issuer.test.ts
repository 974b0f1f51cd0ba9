import { TokenVerifier } from "livekit-server-sdk";
import { expect, test } from "vitest";
import { createParticipantTokenIssuer } from "../../src/adapters/livekit/participant-token-issuer.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { decide } from "../../src/domain/decision.ts";
import type { SessionPlan } from "../../src/domain/session.ts";
import { AGENT, CLIENT } from "../support/app-registration.ts";

const KEY = { apiKey: "the-key", apiSecret: "a secret of thirty-two bytes....." };
const EXPIRES_AT = new Date(Math.ceil(Date.now() / 1_000 + 600) * 1_000);

/** The claims of a token for this plan, after LiveKit's own verification. */
async function claimsOf(changes: Partial<SessionPlan> = {}, key = KEY) {
  const decision = decide(AGENT as ClientId, CLIENT as ClientId, { registration: "enforcement_disabled" });
  if (!decision.allowed) throw new Error("An agent that opted out denies nobody");
  const plan: SessionPlan = {
    sessionId: "the-session",
    roomName: "the-room",
    participantIdentity: "the-identity",
    participant: {},
    expiresAt: EXPIRES_AT,
    ...changes,
  };
  const token = await createParticipantTokenIssuer(KEY).issue(decision.permit, plan);
  const { nbf: _, ...claims } = (await new TokenVerifier(key.apiKey, key.apiSecret).verify(token)) as Record<
    string,
    unknown
  >;
  return claims;
}
const DISPATCH_METADATA = JSON.stringify({ session_id: "the-session", client_app_id: CLIENT });

test("a token is for one room, and has nothing that was not asked for", async () => {
  expect(await claimsOf()).toEqual({
    iss: "the-key",
    sub: "the-identity",
    exp: EXPIRES_AT.getTime() / 1_000,
    video: {
      room: "the-room",
      roomJoin: true,
      canPublish: true,
      canSubscribe: true,
      canPublishData: true,
    },
    roomConfig: { agents: [{ agentName: AGENT, metadata: DISPATCH_METADATA }] },
  });
});

test.each<[string, Partial<SessionPlan>, Record<string, unknown>]>([
  ["a name", { participant: { name: "Ada" } }, { name: "Ada" }],
  ["no name if it is empty", { participant: { name: "" } }, {}],
  ["metadata", { participant: { metadata: "{}" } }, { metadata: "{}" }],
  ["attributes", { participant: { attributes: { lang: "de" } } }, { attributes: { lang: "de" } }],
  ["no attributes", { participant: { attributes: {} } }, {}],
  [
    "agent metadata",
    { agentMetadata: '"' },
    {
      roomConfig: {
        agents: [
          {
            agentName: AGENT,
            metadata: JSON.stringify({
              session_id: "the-session",
              client_app_id: CLIENT,
              client_metadata: '"',
            }),
          },
        ],
      },
    },
  ],
  [
    "a deployment",
    { deployment: "staging" },
    { roomConfig: { agents: [{ agentName: AGENT, metadata: DISPATCH_METADATA, deployment: "staging" }] } },
  ],
])("a token carries %s", async (_, changes, expected) => {
  expect(await claimsOf(changes)).toEqual({ ...(await claimsOf()), ...expected });
});

test("a token of another secret or key, or one that has expired, is not accepted", async () => {
  await expect(claimsOf({}, { ...KEY, apiSecret: `${KEY.apiSecret}!` })).rejects.toThrow();
  await expect(claimsOf({}, { ...KEY, apiKey: "another-key" })).rejects.toThrow();
  await expect(claimsOf({ expiresAt: new Date(Date.now() - 60_000) })).rejects.toThrow();
});
