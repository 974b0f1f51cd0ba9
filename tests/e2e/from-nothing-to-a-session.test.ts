import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { TokenVerifier } from "livekit-server-sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tenantId } from "../../dev/local-defaults.ts";
import { seededDirectoryFile } from "../../dev/stack.ts";
import { CLIENT, deniedAgents } from "../support/denied-agents.ts";
import { doAsTold } from "../support/instructed-owner.ts";
import { type Answer, type Service, send, startService } from "../support/service.ts";

// docs/ARCHITECTURE.md, Freshness: a new grant works within a second.
const FRESH_MS = 1_000;
const MOST_ANSWERS = 10;
const LKPS = "5e4f1ce0-0000-4000-8000-000000000001";
const seeded: { appId: string }[] = JSON.parse(await readFile(seededDirectoryFile, "utf8")).value;

let service: Service;

beforeAll(async () => {
  service = await startService({ applications: seeded });
});
afterAll(() => service?.close());

/** An application's access token for LKPS, as the guides get it. */
async function accessToken(client_id: string, client_secret: string): Promise<string> {
  const form = {
    grant_type: "client_credentials",
    scope: `api://${LKPS}/.default`,
    client_id,
    client_secret,
  };
  const url = `${service.stack.entra.url}/${tenantId}/oauth2/v2.0/token`;
  const response = await fetch(url, { method: "POST", body: new URLSearchParams(form) });
  return ((await response.json()) as { access_token: string }).access_token;
}

async function call(token: string, method: string, path: string, body?: unknown): Promise<Answer> {
  return await send(`${service.stack.gatewayUrl}${path}`, method, body, { authorization: `Bearer ${token}` });
}

test.each(deniedAgents.map((one, n) => ({ ...one, n })))(
  "following the answers and the guide, an agent $agent gets to a session",
  async ({ n, isRegistered, codes, slips, ...more }) => {
    const registration = {
      appId: `a9e17000-0000-4000-8000-0000000001${String(n).padStart(2, "0")}`,
      displayName: `Agent ${more.agent}`,
      passwordCredentials: [{ secretText: "agent-secret" }],
      ...structuredClone(more),
    };
    const save = () => service.setDirectory([...seeded, registration]);
    await save();
    const agent = await accessToken(registration.appId, "agent-secret");
    const client = await accessToken(CLIENT, "approved-secret");
    const agentCalls = async (method: string, path: string) => {
      expect((await call(agent, method, path)).status).toBe(201);
    };
    if (isRegistered) await agentCalls("POST", "/api/agent/register");

    const start = () =>
      call(client, "POST", "/api/session/start", { agent_entra_app_id: registration.appId });
    const heard: string[] = [];
    let answer = await start();
    while (answer.status !== 200 && heard.length < MOST_ANSWERS) {
      const { code, detail } = answer.body;
      heard.push(code);
      expect(answer.status).toBe(code === "agent_not_registered" ? 404 : 403);
      // Says whom to ask and for what, without an id from the agent's configuration.
      expect(detail).not.toMatch(/[0-9a-f]{8}-/i);
      await doAsTold(detail, { registration, client: CLIENT, agentCalls });
      slips?.[code]?.(registration.api);
      await save();
      await sleep(FRESH_MS);
      answer = await start();
    }
    expect(heard).toEqual(codes);
    expect(answer.status).toBe(200);
    const claims = await new TokenVerifier("devkey", "secret").verify(answer.body.participant_token);
    expect(claims.video).toMatchObject({ room: answer.body.room_name, roomJoin: true });
    expect(JSON.stringify(claims.roomConfig)).toContain(`"agentName":"${registration.appId}"`);
  },
);
