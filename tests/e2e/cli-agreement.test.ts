import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkClient } from "../../cli/check/check-client.ts";
import { CliError } from "../../cli/cli-error.ts";
import { createGraphClient, type GraphClient } from "../../cli/graph/graph-client.ts";
import { seededDirectoryFile } from "../../dev/stack.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { type Service, startService } from "../support/service.ts";

const SOME_CLIENT = "c11e0000-0000-4000-8000-0000000000ff";
/** What Graph must not answer, and what a service must not take for an application. */
const ODD = [
  5,
  [],
  "text",
  { oauth2PermissionScopes: {} },
  { preAuthorizedApplications: "x" },
  { oauth2PermissionScopes: null },
];

let service: Service;
let graph: GraphClient;
let ids: string[];

beforeAll(async () => {
  const seeded: { appId: string }[] = JSON.parse(await readFile(seededDirectoryFile, "utf8")).value;
  const odd = ODD.map((api, n) => ({
    appId: `a9e17000-0000-4000-8000-0000000000f${n}`,
    displayName: "Odd",
    api,
  }));
  service = await startService({
    applications: [...seeded, ...odd],
    settings: { GRAPH_READS_PER_CALLER: "10000" },
  });
  ids = [...seeded, ...odd].map(({ appId }) => appId);
  const { entra } = service.stack;
  const exp = Math.floor(Date.now() / 1_000) + 3_600;
  const token = await entra.sign({ aud: entra.url, exp, roles: ["Application.Read.All"] });
  graph = createGraphClient({ url: entra.url, signedInAs: null, tenantId: null }, token);
});
afterAll(() => service?.close());

async function register(agents: readonly string[]): Promise<void> {
  const answers = await Promise.all(
    agents.map((caller) => service.call("POST", "/api/agent/register", { caller })),
  );
  expect(new Set(answers.map(({ status }) => status < 300))).toEqual(new Set([true]));
}

/** The service's decisions about a client and some agents, as the client receives them. */
async function decidedByService(client: string, agents: readonly string[]): Promise<string[]> {
  const body = {
    subject: { type: "client_application", id: client },
    action: { name: "access_as_client" },
    evaluations: agents.map((agent) => ({ resource: { type: "agent", id: agent } })),
  };
  const { body: answer } = await service.call("POST", "/api/access/v1/evaluations", { caller: client, body });
  return answer.evaluations.map(({ context }: { context: { code: string } }) => context.code);
}

async function decidedByCli(client: string, agents: readonly string[]): Promise<string[]> {
  return await Promise.all(
    agents.map(async (agent) => {
      try {
        return (await checkClient(graph, agent as ClientId, client as ClientId)).code;
      } catch (error) {
        if (error instanceof CliError) return error.code;
        throw error;
      }
    }),
  );
}

// On generated registrations, the checks and the decision agree by cli-check.test.ts.
test("lkps check and the service agree on every fixture of the directory, and on what is none", async () => {
  await register(ids);
  const codes = new Set<string>();
  for (const client of [...ids, SOME_CLIENT]) {
    const decided = await decidedByService(client, ids);
    expect(await decidedByCli(client, ids)).toEqual(decided);
    for (const code of decided) codes.add(code);
  }
  expect([...codes].sort()).toEqual([
    "agent_application_not_found",
    "agent_identity_disabled",
    "client_not_pre_authorized",
    "directory_unavailable",
    "pre_authorized",
    "scope_disabled",
    "scope_not_exposed",
    "scope_not_granted",
  ]);
});
