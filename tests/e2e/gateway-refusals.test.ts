import { createServer, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import type { JWTPayload } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openSigningKey, type SigningKey } from "../../dev/entra/signing-key.ts";
import { createTenant, type Tenant } from "../../dev/entra/tenant.ts";
import { type Gateway, startGateway } from "../../dev/gateway.ts";
import { type Listening, listen } from "../../dev/listen.ts";
import { lkpsClientId, tenantId } from "../../dev/local-defaults.ts";

// Checks that the local gateway rejects what the contract says, as a problem with its code. The app behind it records what
// reaches it. Which tokens, paths, and bodies are valid is tested on the gateways that people deploy: tests/ocelot, and the
// policies of API Management in tests/infra.

const APP = "c11e4700-0000-4000-8000-000000000001";

let signingKey: SigningKey;
let tenant: Tenant;
let entra: Listening;
let app: Listening;
let gateway: Gateway;
/** What the tenant publishes; null: its server fails. */
let published: { keys: object[] } | null;
let seen: { method: string; url: string; headers: IncomingMessage["headers"]; body: string }[] = [];

beforeAll(async () => {
  signingKey = await openSigningKey(undefined);
  entra = await listen(
    createServer((_, response) => {
      response.writeHead(published === null ? 500 : 200).end(JSON.stringify(published));
    }),
    0,
  );
  tenant = createTenant(tenantId, entra.url, signingKey);
});
beforeEach(async () => {
  published = tenant.keys as { keys: object[] };
  seen = [];
  app = await listen(
    createServer(async (request, response) => {
      const { method = "", url = "", headers } = request;
      seen.push({ method, url, headers, body: await text(request) });
      response.writeHead(200, { "content-type": "text/plain", "content-length": 5 }).end("hello");
    }),
    0,
  );
  gateway = await startGateway({
    appUrl: app.url,
    functionKey: "the-key",
    jwksUri: `${entra.url}/keys`,
    tenantId,
    issuers: tenant.issuers,
    audiences: [lkpsClientId],
  });
});
afterEach(async () => {
  await gateway.close();
  await app.close();
});
afterAll(() => entra?.close());

interface RawAnswer {
  status: number;
  headers: Map<string, string>;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  body: any;
}

/** Sends bytes unchanged; every client would normalize them. */
async function raw(
  head: string,
  body: string | Buffer = "",
  encoding: "latin1" | "utf8" = "utf8",
): Promise<RawAnswer> {
  const { hostname, port, host } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  const withHost = /^host:/im.test(head) || head.includes("NOHOST") ? head : `${head}\r\nHost: ${host}`;
  socket.write(`${withHost.replace(/\r\nNOHOST/, "")}\r\nConnection: close\r\n\r\n`, encoding);
  socket.write(body);
  const answer = await text(socket);
  const [top = "", ...rest] = answer.split("\r\n\r\n");
  const [statusLine = "", ...lines] = top.split("\r\n");
  const headers = new Map(
    lines.map((line) => [line.split(": ")[0]?.toLowerCase() ?? "", line.replace(/^[^:]*: /, "")]),
  );
  const content = rest.join("\r\n\r\n");
  let parsed: unknown;
  try {
    parsed = JSON.parse(content);
  } catch {}
  return { status: Number(statusLine.split(" ")[1]), headers, text: content, body: parsed };
}

const claimsOf = (changes: Record<string, unknown> = {}): JWTPayload => ({
  aud: lkpsClientId,
  iss: tenant.issuers.v2,
  ver: "2.0",
  azp: APP,
  exp: Math.floor(Date.now() / 1_000) + 600,
  ...changes,
});
const v1 = (changes: Record<string, unknown> = {}) =>
  claimsOf({ iss: tenant.issuers.v1, ver: "1.0", azp: undefined, appid: APP, ...changes });
const bearer = async (claims: JWTPayload) => `Authorization: Bearer ${await tenant.sign(claims)}`;

function expectRefusal(answer: RawAnswer, status: number, code: string) {
  expect([answer.status, answer.body?.code]).toEqual([status, code]);
  expect(answer.body).toEqual({
    type: `/api/docs/problems.html#${code}`,
    title: expect.stringMatching(/./),
    status,
    detail: expect.stringMatching(/\.$/),
    instance: expect.stringMatching(/^urn:lkps:gateway:[0-9a-f-]{36}$/),
    code,
  });
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(seen).toEqual([]);
}

describe("an upgrade", () => {
  test.each(["websocket", "h2c, websocket"])("to %s is refused", async (protocol) => {
    const answer = await raw(`GET /api/health HTTP/1.1\r\nUpgrade: ${protocol}\r\nConnection: Upgrade`);
    expectRefusal(answer, 400, "invalid_request");
  });

  test.each(["h2c", "anything"])("to %s is ignored", async (protocol) => {
    const body = '{"a":1}';
    const head = [
      "POST /api/session/start HTTP/1.1",
      `Upgrade: ${protocol}`,
      "Connection: Upgrade, HTTP2-Settings",
      "HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA",
      await bearer(claimsOf()),
      `Content-Length: ${body.length}`,
    ];
    const answer = await raw(head.join("\r\n"), body);
    expect([answer.status, answer.text]).toEqual([200, "hello"]);
    expect(seen).toMatchObject([{ method: "POST", body, headers: { "client-id": APP } }]);
    expect(seen[0]?.headers).not.toHaveProperty("upgrade");
    expect(seen[0]?.headers).not.toHaveProperty("http2-settings");
  });

  test("CONNECT is refused", async () => {
    expectRefusal(await raw("CONNECT 127.0.0.1:1 HTTP/1.1"), 400, "invalid_request");
  });
});

describe("without a valid token", () => {
  const start = "POST /api/session/start HTTP/1.1\r\nContent-Length: 0";

  test("none at all is caller_unidentified", async () => {
    const answer = await raw(`${start}\r\nclient-id: ${APP}\r\nx-functions-key: the-key`);
    expectRefusal(answer, 401, "caller_unidentified");
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
  });

  test.each<[what: string, claims: () => JWTPayload]>([
    ["for another audience", () => claimsOf({ aud: "api://other" })],
    ["of another issuer", () => claimsOf({ iss: "https://elsewhere.example/v2.0" })],
    ["that has expired", () => claimsOf({ exp: Math.floor(Date.now() / 1_000) - 120 })],
    ["that never expires", () => claimsOf({ exp: undefined })],
    ["that names nobody", () => claimsOf({ azp: undefined })],
    ["of v1 that names one as v2 does", () => v1({ appid: undefined, azp: APP })],
    ["with cnf", () => claimsOf({ cnf: { kid: "x" } })],
  ])("one %s is invalid_token", async (_, claims) => {
    const answer = await raw(`${start}\r\n${await bearer(claims())}`);
    expectRefusal(answer, 401, "invalid_token");
    expect(answer.headers.get("www-authenticate")).toBe('Bearer error="invalid_token"');
  });

  test.each(["", "Bearer a.b.c", "Basic YTpi"])("Authorization: %j is invalid_token", async (value) => {
    expectRefusal(await raw(`${start}\r\nAuthorization: ${value}`), 401, "invalid_token");
  });

  test("a v1 token is valid, with the application in any letter case, and with a minute of skew", async () => {
    const late = Math.floor(Date.now() / 1_000) - 30;
    for (const claims of [v1(), claimsOf({ azp: APP.toUpperCase() }), claimsOf({ exp: late })]) {
      expect((await raw(`${start}\r\n${await bearer(claims)}`)).status).toBe(200);
    }
    expect(seen.map(({ headers }) => headers["client-id"])).toEqual([APP, APP, APP]);
  });
});

describe("while the tenant's keys are not available", () => {
  const start = "POST /api/session/start HTTP/1.1\r\nContent-Length: 0";

  test("and none are cached, a valid token is 503, and works as soon as there are keys", async () => {
    published = null;
    const token = await bearer(claimsOf());
    const answer = await raw(`${start}\r\n${token}`);
    expectRefusal(answer, 503, "directory_unavailable");
    expect(answer.headers.get("retry-after")).toMatch(/^\d+$/);
    published = tenant.keys as { keys: object[] };
    expect((await raw(`${start}\r\n${token}`)).status).toBe(200);
  });

  test("and some are cached, those are used, and a token with an unknown key is 401", async () => {
    expect((await raw(`${start}\r\n${await bearer(claimsOf())}`)).status).toBe(200);
    published = null;
    const stranger = createTenant(tenantId, entra.url, await openSigningKey(undefined));
    const unknown = `Authorization: Bearer ${await stranger.sign(claimsOf())}`;
    seen = [];
    expectRefusal(await raw(`${start}\r\n${unknown}`), 401, "invalid_token");
    expect((await raw(`${start}\r\n${await bearer(claimsOf())}`)).status).toBe(200);
  });
});

describe("the agent's own routes", () => {
  const routes = [
    ["POST", "/api/agent/register"],
    ["GET", "/api/agent/sessions/0193e4a0-0000-7000-8000-000000000001"],
    ["HEAD", "/API/Agent/Authorization/"],
  ] as const;
  const send = async (method: string, path: string, claims: JWTPayload) =>
    raw(`${method} ${path} HTTP/1.1\r\nContent-Length: 0\r\n${await bearer(claims)}`);

  test.each(routes)("%s %s requires an application's own token, not a user's", async (method, path) => {
    for (const claims of [claimsOf(), claimsOf({ idtyp: "app" }), v1({ idtyp: "app" })]) {
      expect((await send(method, path, claims)).status).toBe(200);
    }
    for (const changes of [
      { scp: "access" },
      { scp: "" },
      { idtyp: "user" },
      { idtyp: "app", scp: "x" },
      { idtyp: null },
    ]) {
      seen = [];
      const answer = await send(method, path, claimsOf(changes));
      if (method === "HEAD") expect([answer.status, answer.text, seen]).toEqual([403, "", []]);
      else expectRefusal(answer, 403, "application_token_required");
    }
  });

  test("a user's token through an application starts sessions and asks for decisions", async () => {
    const claims = claimsOf({ scp: "access", idtyp: "user" });
    for (const path of ["/api/session/start", "/api/access/v1/evaluation", "/api/access/v1/search/action"]) {
      expect((await send("POST", path, claims)).status).toBe(200);
    }
    expect(seen.map(({ headers }) => headers["client-id"])).toEqual([APP, APP, APP]);
  });
});

describe("a path", () => {
  test.each([
    "/api/docs/%252e%252e/agent/authorization",
    "/api/docs/%2e%2e/agent/authorization",
    "/api/docs/../agent/authorization",
    "/api/docs/..%5cx",
  ])("%s is rejected before the caller is identified", async (path) => {
    expectRefusal(await raw(`GET ${path} HTTP/1.1`), 400, "invalid_request");
  });

  test("with somebody else's key in the query is forwarded without it", async () => {
    const answer = await raw("GET /api/health?code=x&a=1&%43ode=y HTTP/1.1");
    expect([answer.status, seen[0]?.url]).toEqual([200, "/api/health?a=1"]);
  });

  test.each([
    ["GET", "/api/nothing"],
    ["GET", "/api/session/start"],
    ["HEAD", "/api/session/start"],
    ["POST", "/admin/functions/x"],
    ["OPTIONS", "/api/session/start"],
  ])("without a route is not_found: %s %s", async (method, path) => {
    const answer = await raw(
      `${method} ${path} HTTP/1.1\r\nContent-Length: 0\r\n${await bearer(claimsOf())}`,
    );
    if (method === "HEAD") expect([answer.status, answer.text, seen]).toEqual([404, "", []]);
    else expectRefusal(answer, 404, "not_found");
  });
});

test.each(["/api/health", "/.well-known/authzen-configuration"])(
  "HEAD %s is forwarded, and its answer has the length that GET has",
  async (path) => {
    const answer = await raw(`HEAD ${path} HTTP/1.1`);
    expect([answer.status, answer.headers.get("content-length"), answer.text]).toEqual([200, "5", ""]);
    expect(seen).toMatchObject([{ method: "HEAD", url: path }]);
    expect(seen[0]?.headers).not.toHaveProperty("content-length");
  },
);

describe("a body", () => {
  const chunked = "POST /api/session/start HTTP/1.1\r\nTransfer-Encoding: chunked\r\nX-Request-ID: r-1";

  test.each(["zz\r\n", "5\r\nab", "FFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n"])(
    "with the malformed chunk %j is refused, and its X-Request-ID echoed",
    async (chunk) => {
      const answer = await raw(
        `${chunked}\r\n${await bearer(claimsOf())}`,
        chunk.endsWith("ab") ? `${chunk}\r\nxx` : chunk,
      );
      expectRefusal(answer, 400, "invalid_request");
      expect(answer.headers.get("x-request-id")).toBe("r-1");
    },
  );

  test("of more than 64 KiB is too large, with its length or in chunks", async () => {
    const token = await bearer(claimsOf());
    const size = 64 * 1024 + 1;
    const whole = `POST /api/session/start HTTP/1.1\r\nContent-Length: ${size}\r\n${token}`;
    expectRefusal(await raw(whole, Buffer.alloc(size, " ")), 413, "body_too_large");
    const chunk = `${size.toString(16)}\r\n${" ".repeat(size)}\r\n0\r\n\r\n`;
    expectRefusal(await raw(`${chunked}\r\n${token}`, chunk), 413, "body_too_large");
  });
});

test.each(["GET /api/health HTTP/1.1\r\nNOHOST", `GET /api/health HTTP/1.1\r\nX-A: ${"a".repeat(40_000)}`])(
  "a malformed HTTP request is rejected with a problem: %j",
  async (head) => {
    expectRefusal(await raw(head), 400, "invalid_request");
  },
);

test.each(["evil.example", "127.0.0.1.evil.example:7070", "0.0.0.0", "127.0.0.1:99999"])(
  "a page on another host can't reach the gateway by pointing its name %s here",
  async (host) => {
    expectRefusal(await raw(`GET /api/health HTTP/1.1\r\nHost: ${host}`), 400, "invalid_request");
  },
);

test("a header that is not UTF-8 is rejected, as by Kestrel", async () => {
  expectRefusal(await raw("GET /nothing HTTP/1.1\r\nX-Name: café", "", "latin1"), 400, "invalid_request");
});

test.each(["LOCALHOST:1", "127.0.0.1", "[::1]:7070"])("this machine's name %s is accepted", async (host) => {
  expect((await raw(`GET /api/health HTTP/1.1\r\nHost: ${host}`)).status).toBe(200);
});

test("without the Entra stand-in, nobody can sign in on the API reference, and the answer says so", async () => {
  published = null;
  const local = await startGateway({
    appUrl: app.url,
    functionKey: "the-key",
    entraUrl: entra.url,
    jwksUri: entra.url,
    tenantId,
    issuers: tenant.issuers,
    audiences: [],
  });
  const answer = await fetch(`${local.url}/api/docs/local-callers.json`);
  await local.close();
  expect([answer.status, await answer.json()]).toMatchObject([503, { code: "directory_unavailable" }]);
});

test("LKPS that cannot be reached is bad_gateway", async () => {
  await app.close();
  expectRefusal(await raw("GET /api/health HTTP/1.1"), 502, "bad_gateway");
});

test.each([
  ["a b~!", "a b~!"],
  ["x".repeat(128), "x".repeat(128)],
  ["x".repeat(129), undefined],
  ["", undefined],
  ["café", undefined],
])("X-Request-ID %j is echoed on a rejection as %j", async (given, echoed) => {
  const answer = await raw(`GET /nothing HTTP/1.1\r\nX-Request-ID: ${given}`);
  expectRefusal(answer, 404, "not_found");
  expect(answer.headers.get("x-request-id")).toBe(echoed);
});
