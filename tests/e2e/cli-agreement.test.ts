import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkClient } from "../../cli/check/check-client.ts";
import { CliError } from "../../cli/cli-error.ts";
import { createGraphClient, type GraphClient } from "../../cli/graph/graph-client.ts";
import { seededDirectoryFile } from "../../dev/stack.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { CLIENT, entry, OTHER_CLIENT, OTHER_SCOPE_ID, SCOPE_ID, scope } from "../support/app-registration.ts";
import { type Service, startService } from "../support/service.ts";

const GENERATED = 1_000;
const AGENTS_AT_ONCE = 100;
const SOME_CLIENT = "c11e0000-0000-4000-8000-0000000000ff";

// Valid, altered, and nonsense values: Graph's own shape, and what must never allow anything.
const id = fc.constantFrom<unknown>(SCOPE_ID, OTHER_SCOPE_ID, SCOPE_ID.toUpperCase(), null, 7, "__proto__");
const value = fc.constantFrom<unknown>(
  "access_as_client",
  "access_as_client",
  "Access_As_Client",
  "other",
  null,
);
const someScope = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ id, value, isEnabled: fc.constantFrom<unknown>(true, true, false, "true") }),
  },
  { weight: 2, arbitrary: fc.constant(scope()) },
  { weight: 1, arbitrary: fc.constantFrom(null, "access_as_client", []) },
);
const someEntry = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      appId: fc.constantFrom<unknown>(CLIENT, CLIENT.toUpperCase(), OTHER_CLIENT, null),
      delegatedPermissionIds: fc.oneof(
        fc.array(id, { maxLength: 3 }),
        fc.constantFrom<unknown>(null, SCOPE_ID),
      ),
    }),
  },
  { weight: 2, arbitrary: fc.constant(entry()) },
  { weight: 1, arbitrary: fc.constantFrom(null, CLIENT, {}) },
);
const listOf = (items: fc.Arbitrary<unknown>) =>
  fc.oneof(
    { weight: 12, arbitrary: fc.array(items, { maxLength: 4 }) },
    { weight: 1, arbitrary: fc.constantFrom(null, {}) },
  );
const api = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      oauth2PermissionScopes: listOf(someScope),
      preAuthorizedApplications: listOf(someEntry),
    }),
  },
  { weight: 1, arbitrary: fc.constantFrom(null, {}, "gone", 5) },
);

let service: Service;
let graph: GraphClient;

beforeAll(async () => {
  // No cache, because each agent changes in each round.
  service = await startService({
    applications: [],
    settings: { GRAPH_CACHE_SECONDS: "0", GRAPH_READS_PER_CALLER: "10000" },
  });
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

test("lkps check and the service agree on every fixture of the directory, and on 1,000 generated ones", async () => {
  const counts = new Map<string, number>();
  const compare = async (client: string, agents: readonly string[]) => {
    const [decided, checked] = [await decidedByService(client, agents), await decidedByCli(client, agents)];
    expect(checked).toEqual(decided);
    for (const code of checked) counts.set(code, (counts.get(code) ?? 0) + 1);
  };

  const fixtures: { appId: string }[] = JSON.parse(await readFile(seededDirectoryFile, "utf8")).value;
  const ids = fixtures.map(({ appId }) => appId);
  await service.setDirectory(fixtures);
  await register(ids);
  for (const client of [...ids, SOME_CLIENT]) await compare(client, ids);

  const agents = Array.from(
    { length: AGENTS_AT_ONCE },
    (_, n) => `a9e17000-0000-4000-8000-${String(n).padStart(12, "0")}`,
  );
  await register(agents);
  const generated = fc.sample(api, { numRuns: GENERATED, seed: 6 });
  for (let at = 0; at < GENERATED; at += AGENTS_AT_ONCE) {
    const applications = agents.map((appId, n) => ({
      id: appId,
      appId,
      displayName: `Agent ${n}`,
      api: generated[at + n],
    }));
    await service.setDirectory(applications.filter((application) => application.api !== "gone"));
    await compare(CLIENT, agents);
  }
  console.log(JSON.stringify(Object.fromEntries([...counts].sort())));
  expect([...counts.keys()].sort()).toEqual([
    "agent_application_not_found",
    "agent_identity_disabled",
    "client_not_pre_authorized",
    "directory_unavailable",
    "pre_authorized",
    "scope_disabled",
    "scope_not_exposed",
    "scope_not_granted",
  ]);
}, 180_000);
