import { describe, expect, test } from "vitest";
import type { ClientId } from "../../../src/domain/client-id.ts";
import { DependencyError } from "../../../src/domain/dependency-error.ts";
import { AGENT, CLIENT, OTHER_CLIENT } from "../../support/app-registration.ts";
import { testApp } from "../../support/test-app.ts";

interface Route {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly rule: "none" | "required" | "agent";
  readonly event: string | undefined;
}
/** Every endpoint, with a path that leads to it and the event of its log line. */
const rows: readonly (readonly [string, string, string, Route["rule"], string?])[] = [
  ["startSession", "POST", "/api/session/start", "required", "session_start"],
  ["registerAgent", "POST", "/api/agent/register", "agent", "agent_registered"],
  ["readRegistration", "GET", "/api/agent/registration", "agent"],
  ["removeRegistration", "DELETE", "/api/agent/registration", "agent", "agent_unregistered"],
  ["readAuthorization", "GET", "/api/agent/authorization", "agent"],
  ["rehearseAuthorization", "GET", "/api/agent/authorization/rehearsal", "agent"],
  ["readUsage", "GET", "/api/agent/usage", "agent"],
  ["listSessions", "GET", "/api/agent/sessions", "agent"],
  ["readSession", "GET", "/api/agent/sessions/01a20cc8-8e80-7e58-b1a4-90d8e7f6c523", "agent"],
  ["endSession", "DELETE", "/api/agent/sessions/01a20cc8-8e80-7e58-b1a4-90d8e7f6c523", "agent"],
  ["accessEvaluation", "POST", "/api/access/v1/evaluation", "required", "evaluation"],
  ["accessEvaluations", "POST", "/api/access/v1/evaluations", "required", "evaluation"],
  ["searchSubject", "POST", "/api/access/v1/search/subject", "required"],
  ["searchResource", "POST", "/api/access/v1/search/resource", "required"],
  ["searchAction", "POST", "/api/access/v1/search/action", "required"],
  ["authzenConfiguration", "GET", "/.well-known/authzen-configuration", "none"],
  ["health", "GET", "/api/health", "none"],
  ["readiness", "GET", "/api/health/ready", "none"],
  ["openapi", "GET", "/api/openapi.json", "none"],
  ["docs", "GET", "/api/docs", "none"],
  ["docsFile", "GET", "/api/docs/start.js", "none"],
  ["livekitWebhook", "POST", "/api/livekit/webhook", "none"],
];
const routes = rows.map(([name, method, path, rule, event]): Route => ({ name, method, path, rule, event }));
const ofCallers = routes.filter(({ rule }) => rule !== "none");
// LiveKit's webhook takes a body that is signed.
const withBody = routes.filter(({ name, method }) => method === "POST" && name !== "livekitWebhook");

/** A body that every endpoint accepts. */
const body = {
  agent_entra_app_id: AGENT,
  subject: { type: "client_application", id: AGENT },
  action: { name: "access_as_client" },
  resource: { type: "agent", id: AGENT },
};
/** The status of an answer to {@link body}, or to no body, by an agent that opted out. */
const statuses: Record<string, number> = {
  removeRegistration: 204,
  readSession: 404,
  endSession: 404,
  livekitWebhook: 401,
};
const servedAs = (name: string) => statuses[name] ?? 200;
const bodyOf = (method: string) => (method === "POST" ? { body } : {});
const tokens = { ENTRA_TENANT_ID: "5e4f1ce0-0000-4000-8000-00000000000f", ENTRA_AUDIENCE: "api://lkps" };
const appIn = (CALLER_IDENTITY: string, settings = {}) =>
  testApp({
    settings: { CALLER_IDENTITY, ...tokens, ...settings },
    registered: { [AGENT]: { enforceClientAuthz: false } },
    accessTokens: {
      "a.good.one": { clientId: AGENT as ClientId, isApplicationToken: true, ...noUser },
      "a.users.one": { clientId: AGENT as ClientId, isApplicationToken: false, ...noUser },
    },
  });
const noUser = { scopes: [], objectId: undefined };
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const rejected = (event: string | undefined, status: number, code: string) =>
  event === undefined ? [] : [{ event, status, outcome: "rejected", code, check: null, session_id: null }];

describe.each([
  ["gateway-header", "function"],
  ["gateway-header-and-access-token", "function"],
  ["access-token", "anonymous"],
])("with %s", (mode, level) => {
  test(`the functions are exactly these, and those of callers have the auth level ${level}`, () => {
    const { endpoints, timers } = appIn(mode);
    expect(timers.map(({ name, schedule }) => [name, schedule])).toEqual([
      ["checkLiveSessions", "0 * * * * *"],
      ["removeOldSessions", "0 17 * * * *"],
    ]);
    expect(endpoints.map(({ name, methods, authLevel }) => [name, methods, authLevel])).toEqual(
      routes.map(({ name, method, rule }) => [
        name,
        method === "GET" ? ["GET", "HEAD"] : [method],
        rule === "none" ? "anonymous" : level,
      ]),
    );
  });

  test.each(ofCallers)(
    "$name rejects a request without a caller, before its body is read",
    async ({ method, path, event }) => {
      const app = appIn(mode);
      const { status, headers, body } = await app.request(method, path, {
        body: method === "POST" ? "{" : undefined,
      });
      expect([status, body.code, headers["www-authenticate"]]).toEqual([
        401,
        "caller_unidentified",
        "Bearer",
      ]);
      expect(body.instance).toBe("urn:lkps:invocation:the-invocation");
      expect(app.lines).toMatchObject(rejected(event, 401, "caller_unidentified"));
      expect([app.calls.find, app.calls.read]).toEqual([0, 0]);
    },
  );

  test.each(routes)("$name serves who it is for", async ({ name, method, path, rule }) => {
    const caller = mode === "access-token" ? {} : { caller: AGENT };
    const headers = mode === "gateway-header" ? {} : bearer("a.good.one");
    const request = rule === "none" ? { headers: bearer("a.bad.one") } : { ...caller, headers };
    const app = appIn(mode, { PUBLIC_BASE_URL: "https://lkps.example.com" });
    const answer = await app.request(method, path, { ...request, ...bodyOf(method) });
    expect(answer.status).toBe(servedAs(name));
    expect(answer.headers["cache-control"]).toBe(path.startsWith("/api/docs") ? "no-cache" : "no-store");
  });
});

describe.each(ofCallers)("$name", ({ method, path, rule, event }) => {
  const call = (mode: string, headers: Record<string, string>, caller?: string) => {
    const app = appIn(mode);
    return app
      .request(method, path, { caller, headers, ...bodyOf(method) })
      .then((answer) => ({ app, ...answer }));
  };

  test.each<[string, string, Record<string, string>, string | undefined, string, string]>([
    ["two ids", "gateway-header", {}, `${AGENT},${CLIENT}`, "caller_unidentified", "Bearer"],
    ["another spelling", "gateway-header", { client_id: AGENT }, undefined, "caller_unidentified", "Bearer"],
    ["a token only", "gateway-header", bearer("a.good.one"), undefined, "caller_unidentified", "Bearer"],
    ["a header only", "access-token", {}, AGENT, "caller_unidentified", "Bearer"],
    [
      "a bad token",
      "access-token",
      bearer("a.bad.one"),
      AGENT,
      "invalid_token",
      'Bearer error="invalid_token"',
    ],
    [
      "no header",
      "gateway-header-and-access-token",
      bearer("a.good.one"),
      undefined,
      "caller_unidentified",
      "Bearer",
    ],
    [
      "two applications",
      "gateway-header-and-access-token",
      bearer("a.good.one"),
      OTHER_CLIENT,
      "caller_unidentified",
      "Bearer",
    ],
    [
      "a bad token",
      "gateway-header-and-access-token",
      bearer("a.bad.one"),
      AGENT,
      "invalid_token",
      'Bearer error="invalid_token"',
    ],
  ])("rejects %s with %s", async (_, mode, headers, caller, code, challenge) => {
    const { app, ...answer } = await call(mode, headers, caller);
    expect([answer.status, answer.body.code, answer.headers["www-authenticate"]]).toEqual([
      401,
      code,
      challenge,
    ]);
    expect(answer.text).not.toContain(OTHER_CLIENT);
    expect(app.lines).toMatchObject(rejected(event, 401, code));
  });

  test.each(["access-token", "gateway-header-and-access-token"])(
    "takes a user's token only where no agent acts: %s",
    async (mode) => {
      const { app, status, body } = await call(mode, bearer("a.users.one"), AGENT);
      if (rule === "required") return expect(status).toBe(200);
      expect([status, body.code]).toEqual([403, "application_token_required"]);
      expect(app.lines).toMatchObject(
        rejected(event, 403, "application_token_required").map((line) => ({
          ...line,
          agent_entra_app_id: AGENT,
        })),
      );
      expect(app.registrations.size).toBe(1);
      expect(app.calls.find).toBe(0);
    },
  );

  test("is 503 while the tenant's keys cannot be had", async () => {
    const app = appIn("access-token");
    app.failures.graph = new DependencyError("directory_unavailable", "No keys");
    const answer = await app.request(method, path, { headers: bearer("a.good.one"), ...bodyOf(method) });
    expect([answer.status, answer.body.code, answer.headers["retry-after"]]).toEqual([
      503,
      "directory_unavailable",
      "1",
    ]);
  });
});

describe.each(withBody)("the body of $name", ({ method, path, event }) => {
  const large = Buffer.alloc(65_537, 0x20);
  test.each<[string, Record<string, string>, unknown, number, string]>([
    [
      "is chunked",
      { "transfer-encoding": "chunked", "content-type": "text/plain" },
      large,
      411,
      "length_required",
    ],
    ["has one byte more than 64 KiB", { "content-type": "text/plain" }, large, 413, "body_too_large"],
    ["is text", { "content-type": "text/plain" }, "{", 415, "unsupported_media_type"],
    [
      "has two types",
      { "content-type": "application/json, text/plain" },
      body,
      415,
      "unsupported_media_type",
    ],
    ["has the type text/json", { "content-type": "text/json" }, body, 415, "unsupported_media_type"],
    [
      "has a type of JSON's kin",
      { "content-type": "application/json-patch+json" },
      body,
      415,
      "unsupported_media_type",
    ],
    ["has any type", { "content-type": "*/*" }, body, 415, "unsupported_media_type"],
    ["has an empty type", { "content-type": "" }, body, 415, "unsupported_media_type"],
    ["is broken", {}, "{", 400, "invalid_request"],
    ["is not UTF-8", {}, new Uint8Array([0x7b, 0xff, 0x7d]), 400, "invalid_request"],
    ["is a list", {}, [body], 400, "invalid_request"],
  ])("%s: %o", async (_, headers, sent, status, code) => {
    const app = testApp();
    const answer = await app.request(method, path, { caller: AGENT, headers, body: sent });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(app.lines).toMatchObject(rejected(event, status, code));
    expect(app.calls.find).toBe(0);
  });

  test.each<[string, Record<string, string>, number]>([
    ["no type", {}, 0],
    ["a charset", { "content-type": "application/json; charset=utf-8" }, 0],
    ["another letter case", { "content-type": "Application/JSON" }, 0],
    ["64 KiB", { "transfer-encoding": "chunked", "content-length": "65536" }, 65_536],
  ])("is accepted with %s", async (_, headers, length) => {
    const sent = JSON.stringify(body).padStart(length);
    expect(
      (await appIn("gateway-header").request(method, path, { caller: AGENT, headers, body: sent })).status,
    ).toBe(200);
  });
});

describe("X-Request-ID", () => {
  test.each(routes)("is echoed by $name, on errors too", async ({ method, path }) => {
    for (const caller of [AGENT, "nobody"]) {
      const request = { caller, headers: { "x-request-id": "abc-123" }, ...bodyOf(method) };
      expect((await testApp().request(method, path, request)).headers["x-request-id"]).toBe("abc-123");
    }
  });

  const printable = Array.from({ length: 95 }, (_, n) => String.fromCharCode(32 + n))
    .join("")
    .trim();
  test.each<[string, string, boolean]>([
    ["every printable character", printable, true],
    ["128 characters", "x".repeat(128), true],
    ["129 characters", "x".repeat(129), false],
    ["nothing", "", false],
    ["café", "caf\u00e9", false],
    ["a tab", "a\tb", false],
    ["a control character", "a\u0080b", false],
  ])("of %s is echoed only if the host can write it", async (_, id, echoed) => {
    const { headers } = await testApp().request("GET", "/api/health", { headers: { "x-request-id": id } });
    expect(headers["x-request-id"]).toBe(echoed ? id : undefined);
  });
});

test.each(routes.filter(({ method }) => method === "GET"))(
  "$name answers HEAD like GET",
  async ({ path }) => {
    for (const caller of [AGENT, undefined]) {
      const [get, head] = await Promise.all(
        ["GET", "HEAD"].map((one) => testApp().request(one, path, { caller })),
      );
      expect({ ...head, text: "", body: "" }).toEqual({ ...get, text: "", body: "" });
    }
  },
);
