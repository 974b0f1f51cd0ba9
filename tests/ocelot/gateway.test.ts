import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { connect as connectHttp2 } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type Listening, listen } from "../../tools/listen.ts";
import { AGENT, api, CLIENT, entry, OTHER_CLIENT } from "../support/app-registration.ts";
import { type Service, startService } from "../support/service.ts";
import { bearerOf, goodClaims, seconds } from "./bearer.ts";
import { buildGateway, dllOf, type RunningGateway, startGateway } from "./gateway-project.ts";
import { gatewaySettings } from "./gateway-settings.ts";
import { type HeaderLine, lookAt, type RawRequest, sendRaw } from "./raw-request.ts";

// The sample in infra/gateway, on the real Ocelot, between its callers and the built app. What leaves the gateway is
// looked at on its way: that is what the app has to believe.

vi.setConfig({ hookTimeout: 60_000, testTimeout: 30_000 });

const built = await buildGateway();
const skipped = "missing" in built ? ` (skipped: ${built.missing})` : "";
if (skipped !== "")
  console.warn(`The real Ocelot cannot be had here, so the sample gateway is not tested${skipped}`);

const applications = [
  { appId: AGENT, api: api({ preAuthorizedApplications: [entry({ appId: CLIENT })] }) },
  { appId: CLIENT, api: api() },
  { appId: OTHER_CLIENT, api: api() },
];
const start = { agent_entra_app_id: AGENT };

let service: Service;
let gateway: RunningGateway;
let between: Listening;
/** The header lines of each request that left the gateway. */
const left: HeaderLine[][] = [];

describe.skipIf("missing" in built)(`the sample gateway on Ocelot${skipped}`, () => {
  beforeAll(async () => {
    service = await startService({ applications });
    between = await listen(lookAt(left, service.stack.appUrl), 0);
    gateway = await startGateway(dllOf(built), settings());
    const registered = await call("/api/agent/register", { headers: await as(AGENT) });
    expect(registered.status).toBe(201);
  });
  afterAll(async () => {
    await gateway?.close();
    await between?.close();
    await service?.close();
  });
  beforeEach(() => {
    left.length = 0;
  });

  test("a session starts through it, for an approved client and for no other", async () => {
    const session = await call("/api/session/start", { headers: await as(CLIENT), body: start });
    expect([session.status, session.body.agent_entra_app_id]).toEqual([200, AGENT]);
    const refused = await call("/api/session/start", { headers: await as(OTHER_CLIENT), body: start });
    expect([refused.status, refused.body.code, refused.type]).toEqual([
      403,
      "client_not_pre_authorized",
      "application/problem+json",
    ]);
  });

  test("a v1 token, which has appid and no azp, names its application too", async () => {
    const iss = service.stack.entra.issuers.v1;
    const headers = await bearer({ iss, aud: "api://lkps", appid: CLIENT, azp: undefined, ver: "1.0" });
    expect((await call("/api/session/start", { headers, body: start })).status).toBe(200);
  });

  test.each<[string, HeaderLine[]]>([
    ["client-id", [["client-id", CLIENT]]],
    ["Client-Id", [["Client-Id", CLIENT]]],
    ["CLIENT-ID", [["CLIENT-ID", CLIENT]]],
    [
      "it twice, in two spellings",
      [
        ["Client-Id", CLIENT],
        ["cLIENT-iD", CLIENT],
      ],
    ],
    ["it empty", [["Client-Id", ""]]],
    ["a list in it", [["Client-Id", `${CLIENT}, ${CLIENT}`]]],
    ["client_id", [["client_id", CLIENT]]],
    ["ClientId", [["ClientId", CLIENT]]],
    ["x-functions-key", [["X-Functions-Key", "mine"]]],
    [
      "x-functions-key twice",
      [
        ["x-functions-key", "mine"],
        ["X-FUNCTIONS-KEY", "mine"],
      ],
    ],
    [
      "it as a header of the connection",
      [
        ["Client-Id", CLIENT],
        ["Connection", "client-id, x-functions-key"],
      ],
    ],
    ["what Easy Auth would set", [["X-MS-CLIENT-PRINCIPAL-ID", CLIENT]]],
  ])("a caller that sends %s is still itself", async (_, extra) => {
    const headers = [...(await as(OTHER_CLIENT)), ...extra];
    const answer = await call("/api/session/start", { headers, body: start });
    expect([answer.status, answer.body.code]).toEqual([403, "client_not_pre_authorized"]);
    expect(valuesOf("client-id")).toEqual([OTHER_CLIENT]);
    expect(valuesOf("x-functions-key")).toEqual([service.stack.functionKey]);
  });

  test("a key or an id in the query changes nothing either", async () => {
    const path = `/api/session/start?code=mine&client-id=${CLIENT}&everything=health`;
    const answer = await call(path, { headers: await as(OTHER_CLIENT), body: start });
    expect([answer.status, answer.body.code]).toEqual([403, "client_not_pre_authorized"]);
  });

  test.each<[string, () => Promise<HeaderLine[]>]>([
    ["no token", async () => []],
    ["no token, but LKPS's own key", async () => [["x-functions-key", service.stack.functionKey]]],
    ["what is no token", async () => [["Authorization", "Bearer x"]]],
    ["two tokens", async () => [...(await as(CLIENT)), ...(await as(OTHER_CLIENT))]],
    ["an expired token", () => bearer({ nbf: seconds() - 600, exp: seconds() - 120 })],
    ["a token that is not valid yet", () => bearer({ nbf: seconds() + 120 })],
    ["a token for something else", () => bearer({ aud: "00000003-0000-0000-c000-000000000000" })],
    [
      "a token of another tenant",
      () => bearer({ iss: service.stack.entra.issuers.v2.replace("7e4a", "7e4b") }),
    ],
    ["a token that another key signed", async () => [["Authorization", `Bearer ${await forged()}`]]],
  ])("with %s nobody gets in: 401", async (_, headersOf) => {
    const headers: HeaderLine[] = [["Client-Id", CLIENT], ...(await headersOf())];
    expect((await call("/api/session/start", { headers, body: start })).status).toBe(401);
    expect(left).toEqual([]);
  });

  test("a token that names no application gets no further than the gateway: 403", async () => {
    const headers: HeaderLine[] = [["client-id", CLIENT], ...(await bearer({ azp: undefined }))];
    expect((await call("/api/session/start", { headers, body: start })).status).toBe(403);
    expect(left).toEqual([]);
  });

  test.each(["token", "no token"])(
    "a WebSocket with %s gets no further than the gateway: 400",
    async (token) => {
      const headers: HeaderLine[] = [
        ...(token === "token" ? await as(OTHER_CLIENT) : []),
        ["Connection", "Upgrade"],
        ["Upgrade", "websocket"],
        ["Sec-WebSocket-Version", "13"],
        ["Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="],
        ["Client-Id", AGENT],
        ["x-functions-key", service.stack.functionKey],
      ];
      expect((await call("/api/agent/registration", { method: "GET", headers })).status).toBe(400);
      expect(left).toEqual([]);
    },
  );

  test.each(["OPTIONS", "HEAD", "PUT"])("%s is on no route: 404", async (method) => {
    expect((await call("/api/session/start", { method, headers: await as(CLIENT) })).status).toBe(404);
    expect(left).toEqual([]);
  });

  test("a chunked body arrives whole, with its length", async () => {
    const headers: HeaderLine[] = [...(await as(CLIENT)), ["Transfer-Encoding", "chunked"]];
    expect((await call("/api/session/start", { headers, body: start })).status).toBe(200);
    expect(valuesOf("content-length")).toEqual([String(JSON.stringify(start).length)]);
    expect(valuesOf("transfer-encoding")).toEqual([]);
  });

  test("a chunked body of more than LKPS takes is 413, before anybody is authenticated", async () => {
    const headers: HeaderLine[] = [["Transfer-Encoding", "chunked"]];
    const body = { ...start, participant_metadata: "x".repeat(70_000) };
    expect((await call("/api/session/start", { headers, body })).status).toBe(413);
    expect(left).toEqual([]);
  });

  test("what needs no caller is reached without a token, and without a word of the gateway's", async () => {
    const answer = await call("/api/health", { method: "GET", headers: [["Client-Id", CLIENT]] });
    expect([answer.status, answer.body.status]).toEqual([200, "ok"]);
    expect(valuesOf("client-id")).toEqual([]);
    expect(valuesOf("x-functions-key")).toEqual([]);
  });

  test.each(["/api/health/../session/start", "/api/health%2f..%2fsession/start"])(
    "%s leads nobody past the token",
    async (path) => {
      const headers: HeaderLine[] = [["Client-Id", CLIENT]];
      expect([401, 404]).toContain((await call(path, { headers, body: start })).status);
      expect(left).toEqual([]);
    },
  );

  test("without audiences in its settings it lets nobody in, rather than everybody", async () => {
    const folder = await mkdtemp(join(tmpdir(), "lkps-test-"));
    const careless = Object.entries(settings()).filter(([name]) => !name.includes("ValidAudiences"));
    await copyFile(join(dllOf(built), "..", "ocelot.json"), join(folder, "ocelot.json"));
    const other = await startGateway(dllOf(built), Object.fromEntries(careless), folder);
    try {
      const headers = await as(CLIENT);
      expect((await call("/api/session/start", { headers, body: start }, other.url)).status).toBe(401);
    } finally {
      await other.close();
      await rm(folder, { recursive: true });
    }
  });

  test("an HTTP/2 body, which may come without a length, arrives whole", async () => {
    const settingsOfHttp2 = { ...settings(), Kestrel__EndpointDefaults__Protocols: "Http2" };
    const other = await startGateway(dllOf(built), settingsOfHttp2);
    const connection = connectHttp2(other.url);
    try {
      const request = connection.request({
        ":method": "POST",
        ":path": "/api/session/start",
        "content-type": "application/json",
        "client-id": OTHER_CLIENT,
        ...Object.fromEntries((await as(CLIENT)).map(([name, value]) => [name.toLowerCase(), value])),
      });
      request.end(JSON.stringify(start));
      expect(await json(request)).toMatchObject({ agent_entra_app_id: AGENT });
      expect(valuesOf("client-id")).toEqual([CLIENT]);
    } finally {
      connection.close();
      await other.close();
    }
  });

  test("without LKPS's function key it does not start", async () => {
    const { LKPS_FUNCTION_KEY: _, ...rest } = settings();
    await expect(startGateway(dllOf(built), rest)).rejects.toThrow("Set LKPS_FUNCTION_KEY");
  });
});

function settings(): Record<string, string> {
  return gatewaySettings(service.stack, between.port);
}

/** All values under that name, in any letter case, of the one request that left. */
function valuesOf(name: string): string[] {
  expect(left.length).toBe(1);
  return left.flat().flatMap(([key, value]) => (key.toLowerCase() === name ? [value] : []));
}

async function as(clientId: string): Promise<HeaderLine[]> {
  return await bearer({ azp: clientId });
}

function bearer(changes: Record<string, unknown>): Promise<HeaderLine[]> {
  return bearerOf(service.stack, changes);
}

async function forged(): Promise<string> {
  const { privateKey } = await generateKeyPair("RS256");
  return await new SignJWT(goodClaims(service.stack)).setProtectedHeader({ alg: "RS256" }).sign(privateKey);
}

function call(path: string, sent: RawRequest, url = gateway.url) {
  return sendRaw(url, path, sent);
}
