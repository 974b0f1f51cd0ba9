import { afterAll, beforeAll, expect, test } from "vitest";
import { consoleSettings } from "../../dev/stack/app-settings.ts";
import { EXAMPLE } from "../../src/contract/example-ids.ts";
import { bearerOf } from "../support/access-token.ts";
import { type Service, send, startService } from "../support/service.ts";

// People at the whole service: the gateway, the app, Graph's owners. Every rule is in the unit tests.

const [OLIVIA, BRUNO, SOFIA, NINA] = [1, 2, 3, 4].map((n) => `0e091e00-0000-4000-8000-00000000000${n}`);
const { agent: AGENT, agentIdentity: AGENT_IDENTITY, deletedAgent: DELETED } = EXAMPLE;

let service: Service;
beforeAll(async () => {
  service = await startService({ settings: consoleSettings });
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
