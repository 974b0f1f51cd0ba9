import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createLazyGraph } from "../../src/adapters/graph/lazy-graph.ts";
import { systemClock as clock } from "../../src/adapters.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { unlimited } from "../../src/domain/graph-reading.ts";
import { AGENT, api, OTHER_CLIENT } from "../support/app-registration.ts";

const agents = [AGENT, OTHER_CLIENT] as [ClientId, ClientId];
let sent: string[];

beforeEach(() => {
  sent = [];
  vi.stubGlobal("fetch", async (url: string, { body }: RequestInit) => {
    sent.push(url.replace("https://graph.example.com/v1.0", ""));
    if (body === undefined) return Response.json({ api: api() });
    const { requests } = JSON.parse(String(body)) as { requests: { id: string }[] };
    return Response.json({
      responses: requests.map(({ id }) => ({ id, status: 200, body: { api: api(), value: [] } })),
    });
  });
});
afterEach(() => void vi.unstubAllGlobals());

const GRAPH = "https://graph.example.com";
const graphOf = (cacheSeconds: number, accessToken = async () => "a-token") =>
  createLazyGraph({ baseUrl: GRAPH, cacheSeconds, timeoutMs: 5_000, accessToken }, clock);
const limits = () => ({ deadline: clock.elapsed() + 5_000, rateLimit: unlimited });
const GET = `/applications(appId='${AGENT}')?$select=api`;

test.each([
  ["with a cache, callers share one read, and the next one is served from it", 60, [GET], "cache"],
  ["without one, every start reads for itself", 0, [GET, GET, GET], "graph"],
])("%s", async (_, cacheSeconds, expected, source) => {
  const { applications } = graphOf(cacheSeconds);
  await Promise.all([applications.read(agents[0], limits()), applications.read(agents[0], limits())]);
  expect(await applications.read(agents[0], limits())).toMatchObject({ source });
  expect(sent).toEqual(expected);
});

test.each([0, 60])("with %d seconds of cache, several agents are read in one batch", async (cacheSeconds) => {
  const results = await graphOf(cacheSeconds).applications.readMany(agents, limits());
  expect(results).toMatchObject(agents.map(() => ({ status: "fulfilled", value: { attempts: 1 } })));
  expect(sent).toEqual(["/$batch"]);
});

test("an owner's view is read once a second, and a probe is one request", async () => {
  const { owners, probe } = graphOf(60);
  await Promise.all([owners.readOwned(agents[0], limits()), owners.readOwned(agents[0], limits())]);
  await probe();
  expect(sent).toEqual([`${GET},appRoles`, expect.stringContaining("00000000-0000-0000-0000-000000000000")]);
});

test.each([
  ["60 s, however long applications are", 3_600, 60_000],
  ["as long as applications", 5, 5_000],
  ["not at all, like applications", 0, 0],
])("an agent's owners are cached %s", async (_, cacheSeconds, keptMs) => {
  let elapsed = 1_000;
  const { agentOwners } = createLazyGraph(
    { baseUrl: GRAPH, cacheSeconds, timeoutMs: 5_000, accessToken: async () => "a-token" },
    { ...clock, elapsed: () => elapsed },
  );
  const read = async () => {
    await agentOwners.read(agents[0], { deadline: elapsed + 5_000, rateLimit: unlimited });
    return sent.length;
  };
  expect(await read()).toBe(1);
  elapsed += keptMs - 1;
  expect(await read()).toBe(keptMs === 0 ? 2 : 1);
  elapsed += 1;
  expect(await read()).toBe(keptMs === 0 ? 3 : 2);
});

test("without an access token nothing is sent", async () => {
  const { applications } = graphOf(0, () => Promise.reject(new Error("no token")));
  const soon = { deadline: clock.elapsed() + 50, rateLimit: unlimited };
  await expect(applications.read(agents[0], soon)).rejects.toMatchObject({
    code: "directory_unavailable",
    message: expect.stringContaining("no access token"),
    attempts: 0,
  });
  expect(sent).toEqual([]);
});
