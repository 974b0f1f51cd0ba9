import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { consoleSettings } from "../../dev/stack/app-settings.ts";
import { seededDirectoryFile } from "../../dev/stack.ts";
import { EXAMPLE } from "../../src/contract/example-ids.ts";
import { bearerOf } from "../support/access-token.ts";
import { type Service, send, startService } from "../support/service.ts";

// People at the whole service: the gateway, the app, Graph's owners. Every rule is in the unit tests.

const [OLIVIA, BRUNO, SOFIA, NINA] = [1, 2, 3, 4].map((n) => `0e091e00-0000-4000-8000-00000000000${n}`);
const { agent: AGENT, agentIdentity: AGENT_IDENTITY, deletedAgent: DELETED } = EXAMPLE;

interface Application {
  readonly appId: string;
  readonly owners?: readonly string[];
}

let service: Service;
let applications: readonly Application[];

beforeAll(async () => {
  applications = JSON.parse(await readFile(seededDirectoryFile, "utf8")).value;
  service = await startService({ settings: { ...consoleSettings, GRAPH_CACHE_SECONDS: "0" }, applications });
});
afterAll(() => service?.close());

const call = async (method: string, path: string, claims: Record<string, unknown>) => {
  const headers = await bearerOf(service.stack, claims);
  return await send(`${service.stack.gatewayUrl}${path}`, method, undefined, headers);
};
const person = (oid: string | undefined) => ({ azp: EXAMPLE.console, scp: "access_as_user", oid });

test.each([
  ["its owner", OLIVIA, AGENT, 200],
  ["another agent's owner", BRUNO, AGENT, 403],
  ["an owner of nothing", NINA, AGENT, 403],
  ["its own owner", OLIVIA, AGENT_IDENTITY, 200],
  ["its sponsor", SOFIA, AGENT_IDENTITY, 200],
  ["its blueprint's owner", BRUNO, AGENT_IDENTITY, 200],
  ["an owner of nothing, for an agent identity", NINA, AGENT_IDENTITY, 403],
  ["anybody, if Entra ID has no such agent", OLIVIA, DELETED, 403],
])("%s (%s) asks who may connect to %s: %d", async (_, oid, agent, status) => {
  const answer = await call("GET", `/api/agents/${agent}/authorization`, person(oid));
  expect([answer.status, answer.body.code ?? answer.body.agent_entra_app_id]).toEqual([
    status,
    status === 200 ? agent : "not_an_owner",
  ]);
});

test("who is no owner any more is refused", async () => {
  const sessions = () => call("GET", `/api/agents/${AGENT}/sessions`, person(OLIVIA));
  expect((await sessions()).status).toBe(200);
  await service.setDirectory(
    applications.map((one) => (one.appId === AGENT ? { ...one, owners: [NINA] } : one)),
  );
  expect((await sessions()).body.code).toBe("not_an_owner");
  await service.setDirectory(applications);
  expect((await sessions()).status).toBe(200);
});

test("a person ends a session, and the agent itself sees it there", async () => {
  await call("POST", "/api/agent/register", { azp: AGENT });
  const headers = await bearerOf(service.stack, { azp: EXAMPLE.client });
  const body = { agent_entra_app_id: AGENT };
  const started = await send(`${service.stack.gatewayUrl}/api/session/start`, "POST", body, headers);
  const path = `/api/agents/${AGENT}/sessions/${started.body.session_id}`;
  expect((await call("DELETE", path, person(NINA))).status).toBe(403);
  // LiveKit is not there: it is ended as soon as LiveKit can be reached.
  expect((await call("DELETE", path, person(OLIVIA))).body.code).toBe("livekit_unavailable");
  expect((await call("GET", path, { azp: AGENT })).body.session_id).toBe(started.body.session_id);
});
