import { request } from "node:http";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { AGENT, api, CLIENT } from "../support/app-registration.ts";
import { useService } from "../support/use-service.ts";

const RUNS = process.env["LKPS_VERIFY"] === "1" ? 1_500 : 600;
/** The minimum share of requests, in percent, that must reach a handler. */
const REACH_PERCENT = 80;

const service = useService({
  applications: [{ id: AGENT, appId: AGENT, displayName: "Agent", api: api() }],
});
beforeAll(async () => {
  await service.call("POST", "/api/agent/register", { caller: AGENT });
});

/**
 * Sends what fetch would not: odd headers, bodies on any method. The status is 0 if the connection was cut; `reached` is
 * true for an answer of the app, which alone has Cache-Control.
 */
function raw(method: string, path: string, headers: Record<string, string | string[]>, body: Buffer) {
  const url = new URL(service.stack.appUrl);
  return new Promise<{ status: number; text: string; reached: boolean }>((resolve) => {
    const outgoing = request(
      {
        host: url.hostname,
        port: url.port,
        method,
        path,
        headers: { ...headers, "content-length": body.length },
        agent: false,
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk) => (text += chunk));
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            text,
            reached: response.headers["cache-control"] === "no-store",
          }),
        );
      },
    );
    outgoing.on("error", () => resolve({ status: 0, text: "", reached: false }));
    outgoing.end(body);
  });
}

const json = fc.jsonValue({ maxDepth: 4 });
const ids = fc.constantFrom(
  AGENT,
  AGENT.toUpperCase(),
  CLIENT,
  "a9e17000-0000-4000-8000-ffffffffffff",
  "__proto__",
  "",
  `{${AGENT}}`,
);
const names = fc.constantFrom(
  ..."agent_entra_app_id participant_name participant_metadata participant_attributes".split(" "),
  ..."agent_metadata room_config room_name participant_identity agents agent_name metadata".split(" "),
  ..."service_config subject action resource evaluations page type id enforce_client_authz".split(" "),
  ..."__proto__ constructor toString".split(" "),
);
const member = fc.oneof(ids, json, fc.string({ unit: "binary", maxLength: 300 }), fc.constant(null));
const shallow = fc.dictionary(names, member, { noNullPrototype: true });
const nested = fc.dictionary(names, fc.oneof(member, shallow, fc.array(shallow, { maxLength: 3 })), {
  noNullPrototype: true,
});
/** Almost valid: passes the first checks, with an anomaly in one or two places. */
const almost = fc
  .tuple(ids, ids, fc.dictionary(names, member, { maxKeys: 2, noNullPrototype: true }))
  .map(([agent, client, odd]) => ({
    agent_entra_app_id: agent,
    subject: { type: "client_application", id: client },
    action: { name: "access_as_client" },
    resource: { type: "agent", id: agent },
    ...odd,
  }));
const body = fc.oneof(
  { weight: 4, arbitrary: almost.map((value) => Buffer.from(JSON.stringify(value))) },
  { weight: 4, arbitrary: nested.map((value) => Buffer.from(JSON.stringify(value))) },
  { weight: 1, arbitrary: json.map((value) => Buffer.from(JSON.stringify(value))) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(nested, fc.nat(40))
      .map(([value, cut]) => Buffer.from(JSON.stringify(value).slice(0, cut))),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(Buffer.from("[".repeat(60_000)), Buffer.alloc(70_000, 0x20), Buffer.from("")),
  },
);
const headerValue = fc.oneof(
  ids,
  fc.string({
    unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
    maxLength: 60,
  }),
);
/** Existing routes, with room for anything after the path. */
const routes = fc.constantFrom(
  "POST /api/session/start",
  "POST /API/Session/Start/",
  "POST /api/session/start?code=x&client-id=y",
  "POST /api/agent/register",
  "GET /api/agent/registration",
  "HEAD /api/agent/registration",
  "DELETE /api/agent/registration",
  "GET /api/agent/sessions",
  "GET /api/agent/sessions?limit=",
  "GET /api/agent/sessions?cursor=",
  "GET /api/agent/authorization/rehearsal?days=",
  "POST /api/access/v1/evaluation",
  "POST /api/access/v1/evaluations",
  "POST /api/access/v1/search/subject",
  "GET /api/health",
);
const query = fc.oneof(ids, fc.nat(200).map(String), fc.string({ unit: "binary", maxLength: 40 }));
const routed = fc
  .tuple(routes, query)
  .map(([route, value]) => (route.endsWith("=") ? route + encodeURIComponent(value) : route));
const unrouted = fc
  .tuple(
    fc.constantFrom("POST", "GET", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS"),
    fc.constantFrom(
      "/api//session/start",
      "/api/session/start/..%2fx",
      "/%00",
      "/api/session/start%20",
      "/.well-known/x",
      "/api/agent/register;x=1",
    ),
  )
  .map((parts) => parts.join(" "));
const requests = fc.record({
  // Most requests have to reach the product: the router answers all others with the same 404.
  line: fc.oneof({ weight: 9, arbitrary: routed }, { weight: 1, arbitrary: unrouted }),
  caller: fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(CLIENT, AGENT) },
    { weight: 1, arbitrary: fc.oneof(headerValue, fc.array(headerValue, { minLength: 2, maxLength: 3 })) },
  ),
  type: fc.oneof(
    { weight: 9, arbitrary: fc.constant("application/json") },
    { weight: 1, arbitrary: headerValue },
  ),
  extra: fc.dictionary(
    fc.constantFrom("client_id", "x-request-id", "content-encoding", "accept", "x-forwarded-for", "range"),
    headerValue,
    { maxKeys: 3, noNullPrototype: true },
  ),
  body,
});

test(`a mangled body, header, or path is a documented 4xx, never a 5xx: ${RUNS} requests`, async () => {
  const seen = new Map<number, number>();
  let handled = 0;
  // The client may have registered itself as an agent by then, which it has no application for.
  const codes =
    /^(caller_unidentified|invalid_request|body_too_large|unsupported_media_type|agent_not_registered|agent_application_not_found|client_not_pre_authorized|length_required|not_your_decision)$/;
  await fc.assert(
    fc.asyncProperty(requests, async ({ line, caller, type, extra, body }) => {
      const [method = "", path = ""] = line.split(" ");
      const headers = {
        ...extra,
        "x-functions-key": service.stack.functionKey,
        "client-id": caller,
        "content-type": type,
      };
      const { status, text, reached } = await raw(method, path, headers, body);
      if (reached) handled++;
      seen.set(status, (seen.get(status) ?? 0) + 1);
      expect([200, 201, 204, 400, 401, 403, 404, 413, 415]).toContain(status);
      if (status < 400 || text === "") return;
      const problem = JSON.parse(text);
      expect(problem.status).toBe(status);
      expect(problem.code).toMatch(codes);
      expect(text).not.toMatch(/server_url|participant_token/);
    }),
    { numRuns: RUNS },
  );
  expect((handled / RUNS) * 100).toBeGreaterThanOrEqual(REACH_PERCENT);
  for (const status of [200, 201, 204, 400, 401, 403, 404, 413, 415])
    expect(seen.get(status) ?? 0).toBeGreaterThan(0);
  expect(service.lines.filter((line) => line.includes('"failure"'))).toEqual([]);
});
