import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { needs } from "../../tools/test/needs.ts";
import { AGENT } from "../support/app-registration.ts";
import { startWorld, valuesOf, type World } from "./gateway-world.ts";
import { expectProblem } from "./problem.ts";
import { type RawRequest, sendRaw } from "./raw-request.ts";

// Which requests the sample in infra/gateway has a route for, and that no path gets around them.

let world: World;

describe("routes of the sample gateway", await needs("ocelot"), () => {
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world?.close());
  beforeEach(() => {
    world.left.length = 0;
  });

  test.each([
    "/api/docs/%252e%252e/agent/authorization",
    "/api/docs/%252E%252e/agent/authorization",
    "/api/docs/.%252e/agent/authorization",
    "/api/docs/%252e./agent/authorization",
    "/api/docs/%%32%65%%32%65/agent/authorization",
    "/api/%252e%252e/admin/functions/remove-old-sessions",
    "/api/docs/..%5cagent%5cauthorization",
    "/api/docs/..%2fagent%2fauthorization",
    "/api/docs/start.js%3fcode=x",
    "/api/docs/start.js%23x",
    "/api/docs/start.js&x",
    "/api/docs/start.js%26x",
    "/api/docs/start%0a.js",
    "/api/docs/%7bfile%7d",
    "/api/docs/caf%c3%a9",
  ])("%s is 400, with a token and without", async (path) => {
    for (const headers of [[], await world.as(AGENT)]) {
      for (const method of ["GET", "POST"])
        expectProblem(await call(path, { method, headers }), "invalid_request");
    }
    expect(world.left).toEqual([]);
  });

  test.each([
    ["GET", "/api/openapiXjson"],
    ["GET", "/Xwell-known/authzen-configuration"],
    ["GET", "/api/docs/a/b"],
    ["GET", "/api/health/"],
    ["GET", "/api//health"],
    ["GET", "/api/healthy"],
    ["GET", "/api"],
    ["GET", "/"],
    ["GET", "/admin/functions"],
    ["POST", "/admin/functions/remove-old-sessions"],
    ["GET", "/runtime/webhooks/durabletask"],
    ["GET", "/api/agent/sessions/"],
    ["GET", "/api/agent/sessions/a/b"],
    ["GET", "/api/agent/everything"],
    ["GET", `/api/agents/${AGENT}`],
    ["GET", `/api/agents/${AGENT}/everything`],
    ["POST", `/api/agents/${AGENT}/register`],
    ["DELETE", `/api/agents/${AGENT}/registration`],
    ["GET", "/api/agents//sessions"],
    ["GET", "/console/a/b"],
    ["GET", "/api/session/start"],
    ["HEAD", "/api/session/start"],
    ["POST", "/api/health"],
    ["PUT", "/api/agent/registration"],
    ["OPTIONS", "/api/session/start"],
  ])("%s %s is not a route: 404", async (method, path) => {
    const answer = await call(path, { method, headers: await world.as(AGENT) });
    if (method === "HEAD") expect(answer.status).toBe(404);
    else expectProblem(answer, "not_found");
    expect(world.left).toEqual([]);
  });

  test.each<[string, string]>([
    ...["/api/health", "/api/health/ready", "/api/docs", "/api/docs/start.js", "/api/openapi.json"].map(
      (path): [string, string] => ["GET", path],
    ),
    ["GET", "/.well-known/authzen-configuration"],
    ["GET", "/console?state=s"],
    ["GET", "/console/console.js"],
    ["GET", "/api/console/configuration"],
    ["GET", `/api/agents/${AGENT}/registration`],
    ["GET", `/api/agents/${AGENT}/authorization`],
    ["GET", `/api/agents/${AGENT}/authorization/rehearsal?days=7`],
    ["GET", `/api/agents/${AGENT}/usage?days=7`],
    ["GET", `/api/agents/${AGENT}/sessions?limit=5&cursor=`],
    ["GET", `/api/agents/${AGENT}/sessions/01937f5e-8000-7000-8000-000000000001`],
    ["DELETE", `/api/agents/${AGENT}/sessions/01937f5e-8000-7000-8000-000000000001`],
    ["DELETE", "/api/agent/registration"],
    ["POST", "/api/agent/register"],
    ["GET", "/api/agent/registration"],
    ["GET", "/api/agent/authorization"],
    ["GET", "/api/agent/authorization/rehearsal?days=7"],
    ["GET", "/api/agent/usage?days=7"],
    ["GET", "/api/agent/sessions?limit=5&cursor="],
    ["GET", "/api/agent/sessions/01937f5e-8000-7000-8000-000000000001"],
    ["POST", "/api/session/start"],
    ["POST", "/api/access/v1/evaluation"],
    ["POST", "/api/access/v1/evaluations"],
    ["POST", "/api/access/v1/search/subject"],
    ["POST", "/api/access/v1/search/resource"],
    ["POST", "/api/access/v1/search/action"],
  ])("%s %s reaches LKPS unchanged, and so does HEAD for GET", async (method, path) => {
    const headers = await world.as(AGENT);
    for (const sent of method === "GET" ? ["GET", "HEAD"] : [method]) {
      world.left.length = 0;
      const answer = await call(path, { method: sent, headers });
      expect(valuesOf(world.left, ":method")).toEqual([sent]);
      expect(valuesOf(world.left, ":path")).toEqual([path]);
      expect(answer.body?.instance ?? "").not.toContain("gateway");
    }
  });

  test.each([
    ["?code=x", ""],
    ["?CODE=x&limit=1", "?limit=1"],
    ["?limit=1&Code=x&code=y", "?limit=1"],
    ["?%63o%64e=x&limit=1", "?limit=1"],
    ["?code", ""],
    ["?limit=1&codes=x", "?limit=1&codes=x"],
    ["?limit=", "?limit="],
  ])("of the query %s, %s is forwarded: a caller must not send a function key", async (sent, passed) => {
    await call(`/api/agent/sessions${sent}`, { method: "GET", headers: await world.as(AGENT) });
    expect(valuesOf(world.left, ":path")).toEqual([`/api/agent/sessions${passed}`]);
  });
});

function call(path: string, sent: RawRequest) {
  return sendRaw(world.gateway.url, path, sent);
}
