// Agents with an agent identity instead of an app registration, on the whole service.

import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { agentIdentity, api, BLUEPRINT, CLIENT, OTHER_CLIENT } from "../support/app-registration.ts";
import { type FaultyService, startFaultyService } from "../support/faulty-service.ts";

const AGENTS = 120;
const agentOf = (n: number) => `a9e17000-0000-4000-8000-${String(n).padStart(12, "0")}`;
const blueprint = { id: BLUEPRINT, appId: BLUEPRINT, displayName: "Blueprint", api: api() };
/** Half of the agents are applications, half agent identities of one blueprint. */
const agents = Array.from({ length: AGENTS }, (_, n) => {
  const ids = { id: agentOf(n), appId: agentOf(n), displayName: `Agent ${n}` };
  return n % 2 === 0 ? { ...ids, api: api() } : agentIdentity(ids);
});
const IDENTITY = agentOf(1);

let faulty: FaultyService;
/** The number of requests that Graph received; each part of a batch counts. */
let graphRequests = 0;

beforeAll(async () => {
  faulty = await startFaultyService({ GRAPH_CACHE_SECONDS: "1" }, [blueprint, ...agents]);
  faulty.graph.fail(
    ({ body }) => {
      graphRequests += body === "" ? 1 : JSON.parse(body).requests.length;
      return false;
    },
    () => {},
  );
  for (let n = 0; n < AGENTS; n += 40) {
    const some = Array.from({ length: 40 }, (_, k) => agentOf(n + k));
    await Promise.all(some.map((caller) => faulty.service.call("POST", "/api/agent/register", { caller })));
  }
});
afterAll(() => faulty?.close());

const start = (agent: string) =>
  faulty.service.call("POST", "/api/session/start", { caller: CLIENT, body: { agent_entra_app_id: agent } });

test("disabled in the directory, it is denied as soon as its reading has expired, and allowed again once it is enabled", async () => {
  const change = (changes: Record<string, unknown>) =>
    faulty.service.setDirectory([blueprint, agentIdentity({ id: IDENTITY, appId: IDENTITY, ...changes })]);
  expect((await start(IDENTITY)).status).toBe(200);
  await change({ accountEnabled: false });
  await sleep(1_100);
  const denied = await start(IDENTITY);
  expect(denied.body).toMatchObject({ status: 403, code: "agent_identity_disabled" });
  expect(denied.body).not.toHaveProperty("check");
  expect(denied.text).not.toContain(BLUEPRINT);
  await change({});
  await sleep(1_100);
  expect((await start(IDENTITY)).status).toBe(200);
  await faulty.service.setDirectory([blueprint, ...agents]);
});

describe("a search through 120 agents, half of them agent identities", () => {
  const search = async (caller: string, token?: string) => {
    const answer = await faulty.service.call("POST", "/api/access/v1/search/resource", {
      caller,
      body: {
        subject: { type: "client_application", id: caller },
        action: { name: "access_as_client" },
        resource: { type: "agent" },
        page: { limit: 100, ...(token !== undefined && { token }) },
      },
    });
    return { ...answer, next: answer.body.page?.next_token as string };
  };
  beforeAll(() => faulty.service.stack.restartApp({ GRAPH_CACHE_SECONDS: "3600" }));

  test("takes one request to Graph for an application and three for an agent identity, and finds them all", async () => {
    graphRequests = 0;
    const found: string[] = [];
    let token: string | undefined;
    do {
      const page = await search(CLIENT, token);
      expect(page.status).toBe(200);
      found.push(...page.body.results.map(({ id }: { id: string }) => id));
      token = page.next;
    } while (token !== "");
    expect(found).toEqual(agents.map(({ appId }) => appId));
    // A page reads ahead by one agent, which the next page finds in the cache.
    expect(graphRequests).toBe(AGENTS / 2 + (AGENTS / 2) * 3);
  });

  test.each([10, 200])("continues where a rate limit of %d requests ended it", async (rateLimit) => {
    const settings = { GRAPH_CACHE_SECONDS: "3600", GRAPH_READS_PER_CALLER: String(rateLimit) };
    await faulty.service.stack.restartApp(settings);
    graphRequests = 0;
    const first = await search(OTHER_CLIENT);
    expect(first.body).toMatchObject({ results: [], page: { next_token: expect.stringMatching(/./) } });
    expect(graphRequests).toBeLessThanOrEqual(rateLimit);
    expect(graphRequests).toBeGreaterThan(rateLimit - 3);
    const tooMany = await search(OTHER_CLIENT, first.next);
    expect(tooMany.body).toMatchObject({ status: 429, code: "too_many_reads" });
    await sleep(Number(tooMany.headers.get("retry-after")) * 1_000);
    const second = await search(OTHER_CLIENT, first.next);
    expect(second.status).toBe(200);
    expect(second.next).not.toBe(first.next);
  });
});
