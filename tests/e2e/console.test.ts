import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { consoleSettings } from "../../dev/stack/app-settings.ts";
import { seededDirectoryFile } from "../../dev/stack.ts";
import { EXAMPLE } from "../../tools/openapi/example-ids.ts";
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

describe("without CONSOLE_CLIENT_ID", () => {
  let off: Service;
  beforeAll(async () => {
    off = await startService();
  });
  afterAll(() => off?.close());

  test.each([
    "/console",
    "/console/console.js",
    "/api/console/configuration",
    `/api/agents/${AGENT}/sessions`,
  ])("%s is 404, as for any path that there is not", async (path) => {
    const { status, text, headers } = await off.call("GET", path, { caller: AGENT });
    const nothing = await off.call("GET", "/api/nothing", { caller: AGENT });
    expect([status, text]).toEqual([404, ""]);
    const kind = (all: Headers) => all.get("content-type");
    expect([nothing.status, nothing.text, kind(nothing.headers)]).toEqual([404, "", kind(headers)]);
  });
});
