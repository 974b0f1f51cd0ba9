import { createServer, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import type { JWTPayload } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type EntraStandIn, startEntraStandIn } from "../../dev/entra/start-entra-stand-in.ts";
import { type Gateway, startGateway } from "../../dev/gateway.ts";
import { type Listening, listen } from "../../dev/listen.ts";
import { lkpsClientId } from "../../dev/local-defaults.ts";
import { seededDirectoryFile } from "../../dev/stack.ts";
import { expectProblem } from "../ocelot/gateway-world.ts";
import { sendBytes } from "../ocelot/raw-request.ts";

// What the local gateway refuses, as a problem with its code. The app behind it records what reaches it. Which tokens are
// valid is tested on LKPS's own verifier, which this gateway uses; paths and bodies on the gateways that people deploy.

const APP = "c11e4700-0000-4000-8000-000000000001";
const ORIGIN = "http://127.0.0.1:5173";

let entra: EntraStandIn;
let app: Listening;
let gateway: Gateway;
let isTenantDown = false;
let keyRequests = 0;
let seen: { method: string; url: string; headers: IncomingMessage["headers"]; body: string }[] = [];

const startOwn = (appUrl: string) =>
  startGateway({ appUrl, functionKey: "the-key", entra, corsOrigins: [ORIGIN] });

beforeAll(async () => {
  entra = await startEntraStandIn({
    directoryFile: seededDirectoryFile,
    intercept(request, response) {
      if (request.url?.endsWith("/keys")) keyRequests++;
      if (isTenantDown) response.writeHead(500).end();
      return isTenantDown;
    },
  });
  app = await listen(
    createServer(async (request, response) => {
      const { method = "", url = "", headers } = request;
      seen.push({ method, url, headers, body: await text(request) });
      response.writeHead(200, { "content-type": "text/plain", "content-length": 5 }).end("hello");
    }),
    0,
  );
  gateway = await startOwn(app.url);
});
beforeEach(() => {
  seen = [];
});
afterAll(async () => {
  for (const one of [gateway, app, entra]) await one?.close();
});

/** Sends bytes unchanged; every client would normalize them. */
function raw(head: string, body = "", url = gateway.url) {
  const whole = /^host:/im.test(head) ? head : `${head}\r\nHost: ${new URL(url).host}`;
  return sendBytes(url, `${whole}\r\nConnection: close\r\n\r\n${body}`);
}
type Answer = Awaited<ReturnType<typeof raw>>;

const bearer = async (changes: JWTPayload = {}, sign = entra.sign) => {
  const exp = Math.floor(Date.now() / 1_000) + 600;
  const claims = { aud: lkpsClientId, iss: entra.issuers.v2, ver: "2.0", azp: APP, exp, ...changes };
  return `Authorization: Bearer ${await sign(claims)}`;
};
const post = (path: string, ...lines: string[]) => [`POST ${path} HTTP/1.1`, ...lines].join("\r\n");
const start = (...lines: string[]) => post("/api/session/start", "Content-Length: 0", ...lines);

function expectRefusal(answer: Answer, code: Parameters<typeof expectProblem>[1], reached = 0) {
  expectProblem(answer, code);
  expect(seen.length).toBe(reached);
}

describe("while the tenant's keys are not available", () => {
  test("and none are cached, a valid token is 503, and works as soon as there are keys", async () => {
    isTenantDown = true;
    const answer = await raw(start(await bearer()));
    expectRefusal(answer, "directory_unavailable");
    expect(answer.headers["retry-after"]).toMatch(/^\d+$/);
    const page = await fetch(`${gateway.url}/api/docs/local-callers.json`);
    expect([page.status, await page.json()]).toMatchObject([503, { code: "directory_unavailable" }]);
    isTenantDown = false;
    expect((await raw(start(await bearer()))).status).toBe(200);
  });

  test("but are cached, tokens with unknown keys are invalid, and the keys are fetched once for all of them", async () => {
    const stranger = await startEntraStandIn({ directoryFile: seededDirectoryFile });
    await stranger.close();
    const before = keyRequests;
    for (const _ of [1, 2, 3]) {
      expectRefusal(await raw(start(await bearer({}, stranger.sign))), "invalid_token");
    }
    expect(keyRequests - before).toBeLessThanOrEqual(1);
  });
});

test("no token is caller_unidentified, and the headers of the gateway are of no use to a caller", async () => {
  const answer = await raw(start(`client-id: ${APP}`, "x-functions-key: the-key"));
  expectRefusal(answer, "caller_unidentified");
  expect(answer.headers["www-authenticate"]).toBe("Bearer");
});

test.each<[string, () => Promise<string>]>([
  ["for another audience", () => bearer({ aud: "api://other" })],
  ["that has expired", () => bearer({ exp: 1 })],
  ["that is no JWT", async () => "Authorization: Bearer a.b.c"],
  ["beside another one", async () => [await bearer(), await bearer()].join("\r\n")],
])("a token %s is invalid_token", async (_, line) => {
  const answer = await raw(start(await line()));
  expectRefusal(answer, "invalid_token");
  expect(answer.headers["www-authenticate"]).toBe('Bearer error="invalid_token"');
});

test("a valid token is the caller, whatever headers and keys came with it", async () => {
  const line = "Client-ID: 00000000-0000-4000-8000-000000000000\r\nX-Functions-Key: stolen";
  const head = post("/api/session/start?code=x&a=1&%43ode=y", "Content-Length: 2", line, await bearer());
  expect((await raw(head, "{}")).status).toBe(200);
  expect(seen).toMatchObject([
    {
      url: "/api/session/start?a=1",
      body: "{}",
      headers: { "client-id": APP, "x-functions-key": "the-key" },
    },
  ]);
});

test("the agent's own routes require an application's own token; others take a user's", async () => {
  const user = await bearer({ scp: "access", idtyp: "user" });
  for (const path of ["/api/agent/register", "/API/Agent/Register/"]) {
    expectRefusal(await raw(post(path, "Content-Length: 0", user)), "application_token_required");
  }
  expect((await raw(post("/api/agent/register", "Content-Length: 0", await bearer()))).status).toBe(200);
  expect((await raw(start(user))).status).toBe(200);
});

test("the routes of people who own agents take any valid token, and forward it", async () => {
  const get = (...lines: string[]) => [`GET /api/agents/${APP}/sessions HTTP/1.1`, ...lines].join("\r\n");
  const user = await bearer({ scp: "access_as_user", idtyp: "user" });
  expect((await raw(get(user))).status).toBe(200);
  expect(seen.map(({ headers }) => [headers.authorization, headers["client-id"]])).toEqual([
    [user.slice("Authorization: ".length), APP],
  ]);
  expectRefusal(await raw(get()), "caller_unidentified", 1);
});

test.each(["/console", "/console/console.js", "/api/console/configuration"])(
  "%s needs no token, and the gateway adds nothing",
  async (path) => {
    expect((await raw(`GET ${path} HTTP/1.1`)).status).toBe(200);
    expect(seen.map(({ url, headers }) => [url, headers["client-id"], headers["x-functions-key"]])).toEqual([
      [path, undefined, undefined],
    ]);
  },
);

test.each([
  "/api/docs/%252e%252e/agent/authorization",
  "/api/docs/%2e%2e/agent/authorization",
  "/api/docs/../agent/authorization",
  "/api/docs/..%5cx",
  "/api/docs/%2f..%2fagent",
  "/api/%zz",
])("the path %s is refused before the caller is identified", async (path) => {
  expectRefusal(await raw(`GET ${path} HTTP/1.1`), "invalid_request");
});

test.each(["/api/nothing", "/api/agents/x", "/admin/functions/x"])("%s is not_found", async (path) => {
  expectRefusal(await raw(post(path, "Content-Length: 0", await bearer())), "not_found");
  expectRefusal(await raw(`OPTIONS ${path} HTTP/1.1`), "not_found");
});

test("an upgrade to h2c, which Java offers with each first request, is ignored", async () => {
  const h2c = [
    "Upgrade: h2c",
    "Connection: Upgrade, HTTP2-Settings",
    "HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA",
  ];
  expect((await raw(start(...h2c, await bearer()))).status).toBe(200);
  expect(Object.keys(seen[0]?.headers ?? {})).not.toContain("upgrade");
});

test.each([
  ["evil.example", 400],
  ["127.0.0.1.evil.example:7070", 400],
  ["LOCALHOST:1", 200],
  ["[::1]:7070", 200],
])(
  "a page on another host can't reach the gateway by pointing its name here: %s is %i",
  async (host, status) => {
    expect((await raw(`GET /api/health HTTP/1.1\r\nHost: ${host}`)).status).toBe(status);
  },
);

test("a page on another host can't reach the Entra stand-in either, and no page can read its secrets and tokens", async () => {
  expect((await raw("GET /local-stack HTTP/1.1\r\nHost: evil.example", "", entra.url)).status).toBe(400);
  const secrets = await fetch(`${entra.url}/local-stack`, { headers: { origin: ORIGIN } });
  const { client_id, client_secret } = (
    (await secrets.json()) as { applications: [{ client_id: string; client_secret: string }] }
  ).applications[0];
  const grant = { grant_type: "client_credentials", scope: `${lkpsClientId}/.default` };
  const token = await fetch(`${entra.url}/${entra.tenantId}/oauth2/v2.0/token`, {
    method: "POST",
    headers: { origin: ORIGIN },
    body: new URLSearchParams({ ...grant, client_id, client_secret }),
  });
  expect(token.status).toBe(200);
  for (const { headers } of [secrets, token]) expect(headers.get("access-control-allow-origin")).toBeNull();
});

test("a client's chunked body arrives with a length, and HEAD has the headers of GET and no body", async () => {
  const chunked = post("/api/session/start", "Transfer-Encoding: chunked", await bearer());
  expect((await raw(chunked, "2\r\n{}\r\n0\r\n\r\n")).status).toBe(200);
  expect(seen).toMatchObject([{ body: "{}", headers: { "content-length": "2" } }]);
  const { status, headers } = await raw("HEAD /api/health HTTP/1.1");
  expect([status, headers["content-type"], headers["content-length"]]).toEqual([200, "text/plain", "5"]);
});

test("pages of an allowed origin may call it, and others may not", async () => {
  const preflight = (origin: string) =>
    raw(`OPTIONS /api/session/start HTTP/1.1\r\nOrigin: ${origin}\r\nAccess-Control-Request-Method: POST`);
  const allowed = await preflight(ORIGIN);
  expect([allowed.status, allowed.headers["access-control-allow-origin"]]).toEqual([204, ORIGIN]);
  expect(allowed.headers["access-control-allow-headers"]).toContain("authorization");
  expectRefusal(await preflight("http://evil.example"), "not_found");
  // Errors too, so that a page can show them.
  const refused = await raw(start(`Origin: ${ORIGIN}`));
  expect(refused.headers["access-control-allow-origin"]).toBe(ORIGIN);
  expect(refused.headers["access-control-expose-headers"]).toBe("Retry-After,X-Request-ID");
  for (const origin of ["http://evil.example", "http://127.0.0.1:1", "null"]) {
    const { headers } = await raw(start(`Origin: ${origin}`));
    expect(Object.keys(headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
  }
});

test("LKPS that cannot be reached is bad_gateway", async () => {
  const closed = await listen(createServer(), 0);
  await closed.close();
  const lonely = await startOwn(closed.url);
  expectRefusal(await raw("GET /api/health HTTP/1.1", "", lonely.url), "bad_gateway");
  await lonely.close();
});
