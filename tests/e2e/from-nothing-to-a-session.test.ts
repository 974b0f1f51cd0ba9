import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { TokenVerifier } from "livekit-server-sdk";
import { expect, test } from "vitest";
import { seededDirectoryFile } from "../../dev/stack.ts";
import { accessTokenOf } from "../support/access-token.ts";
import { CLIENT, deniedAgents } from "../support/denied-agents.ts";
import { doAsTold } from "../support/instructed-owner.ts";
import { type Answer, send } from "../support/service.ts";
import { useService } from "../support/use-service.ts";

// docs/ARCHITECTURE.md, Freshness: a new grant works within a second.
const FRESH_MS = 1_000;
const MOST_ANSWERS = 10;
const seeded: { appId: string }[] = JSON.parse(await readFile(seededDirectoryFile, "utf8")).value;

const service = useService({ applications: seeded });

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
    const agent = await accessTokenOf(service.stack, registration.appId, "agent-secret");
    const client = await accessTokenOf(service.stack, CLIENT, "approved-secret");
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
