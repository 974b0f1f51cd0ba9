import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { TableClient, type TransactionAction } from "@azure/data-tables";
import { afterAll, beforeAll, expect, test } from "vitest";
import { partitionKeyOf, rowKeyOf } from "../../src/adapters/tables/session-keys.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { repositoryRoot } from "../../tools/repository-paths.ts";
import { agentIdentity, api, BLUEPRINT, CLIENT, OTHER_CLIENT } from "../support/app-registration.ts";
import { type FaultyService, startFaultyService } from "../support/faulty-service.ts";
import { send } from "../support/service.ts";

const AGENT = "a9e17000-0000-4000-8000-000000000001";
const OPTED_OUT = "a9e17000-0000-4000-8000-000000000002";
const UNREGISTERED = "a9e17000-0000-4000-8000-000000000003";
const IDENTITY = "a9e17000-0000-4000-8000-000000000004";

const action = { name: "access_as_client" };
const resource = { type: "agent", id: AGENT };
const client = (id?: string) => ({ subject: { type: "client_application", id }, action, resource });
const agent = (agent_entra_app_id: string) => ({ agent_entra_app_id });

type Call = readonly [name: string, status: number, request: string, caller: string, body?: unknown];

const requests: readonly Call[] = [
  ["registration", 201, "POST agent/register", AGENT, {}],
  ["first start with an agent", 200, "POST session/start", CLIENT, agent(AGENT)],
  ["first start with an agent identity", 200, "POST session/start", CLIENT, agent(IDENTITY)],
  ["later start", 200, "POST session/start", CLIENT, agent(AGENT)],
  ["start with enforcement off", 200, "POST session/start", CLIENT, agent(OPTED_OUT)],
  ["start, agent not registered", 404, "POST session/start", CLIENT, agent(UNREGISTERED)],
  ["start, denied", 403, "POST session/start", OTHER_CLIENT, agent(AGENT)],
  ["evaluation, allowed", 200, "POST access/v1/evaluation", CLIENT, client(CLIENT)],
  ["evaluation, denied", 200, "POST access/v1/evaluation", OTHER_CLIENT, client(OTHER_CLIENT)],
  ["search for clients", 200, "POST access/v1/search/subject", AGENT, client()],
  ["owner's view", 200, "GET agent/authorization", AGENT],
  ["dry run of enforcement", 200, "GET agent/authorization/rehearsal", AGENT],
  ["list of sessions", 200, "GET agent/sessions", AGENT],
  ["readiness probe", 200, "GET health/ready", CLIENT],
];

/** The row of docs/SCALE.md for a request: table operations, and reads of Graph with a cache and without. */
const guide = readFileSync(join(repositoryRoot, "docs/SCALE.md"), "utf8");
function documented(name: string): number[] {
  const row = guide.split("\n").find((line) => line.startsWith(`| ${name} |`)) ?? "";
  return row.split("|").slice(2, 5).map(Number);
}

let faulty: FaultyService;

beforeAll(async () => {
  const applications = [AGENT, OPTED_OUT, BLUEPRINT].map((appId) => ({
    id: appId,
    appId,
    displayName: "",
    api: api(),
  }));
  const identity = agentIdentity({ id: IDENTITY, appId: IDENTITY });
  faulty = await startFaultyService({ GRAPH_CACHE_SECONDS: "3600" }, [...applications, identity]);
});
afterAll(() => faulty?.close());

/** Sends a request and counts what it causes at Table Storage and Graph. */
async function count([name, status, request, caller, body]: Call): Promise<[number, number]> {
  const [tables, graph] = [faulty.tables.requests, faulty.graph.requests];
  const [method = "", path] = request.split(" ");
  const answer = await faulty.service.call(method, `/api/${path}`, { caller, body });
  // An agent that is registered already gets 200.
  expect([status, status - 1], `${name}: ${answer.text}`).toContain(answer.status);
  return [faulty.tables.requests - tables, faulty.graph.requests - graph];
}

test("the first request that needs a table creates it, with two more operations", async () => {
  const optOut = { service_config: { enforce_client_authz: false } };
  expect(await count(["registration", 201, "POST agent/register", OPTED_OUT, optOut])).toEqual([4, 0]);
  expect(await count(["start", 200, "POST session/start", CLIENT, agent(OPTED_OUT)])).toEqual([4, 0]);
});

test.each([
  ["a cache of an hour", 3_600, 1],
  ["no cache", 0, 2],
] as const)(
  "with %s each request causes as many operations as docs/SCALE.md says",
  async (_, seconds, column) => {
    const tokens = faulty.identity.requests;
    await faulty.service.stack.restartApp({ GRAPH_CACHE_SECONDS: String(seconds) });
    await faulty.service.call("POST", "/api/agent/register", { caller: IDENTITY });
    for (const [name, ...call] of requests) {
      const { 0: tables, [column]: graph } = documented(name);
      // Otherwise, it would use what was read within the last second.
      if (seconds > 0 && graph === 1) await sleep(1_100);
      expect([name, ...(await count([name, ...call]))]).toEqual([name, tables, graph]);
    }
    expect(faulty.identity.requests - tokens).toBe(1);
  },
);

test("the hourly removal takes 3 operations, 17 per agent, and those for old sessions", async () => {
  const { appUrl, azurite, masterKey } = faulty.service.stack;
  const insecure = { allowInsecureConnection: true };
  const table = TableClient.fromConnectionString(azurite.connectionString, "sessions", insecure);
  const startedAt = new Date(Date.UTC(2020, 0));
  const old = Array.from({ length: 101 }, (_, n): TransactionAction => {
    const sessionId = `00000000-0000-7000-8000-${String(n).padStart(11, "0")}0`;
    const partitionKey = partitionKeyOf(AGENT as ClientId, sessionId);
    const rowKey = rowKeyOf(startedAt, sessionId);
    return ["create", { partitionKey, rowKey, startedAt: startedAt.toISOString() }];
  });
  await table.submitTransaction(old.slice(0, 100));
  await table.submitTransaction(old.slice(100));
  const before = faulty.tables.requests;
  const headers = { "x-functions-key": masterKey };
  await send(`${appUrl}/admin/functions/removeOldSessions`, "POST", { input: "" }, headers);
  const line = () => faulty.service.lines.find((one) => one.includes("sessions_removed"));
  await expect.poll(line).toContain('"removed":101,"finished":true');
  // Of three agents' sessions, only these are over; 101 old ones are two transactions of up to 100.
  expect(faulty.tables.requests - before).toBe(3 + 17 + 2);
});
