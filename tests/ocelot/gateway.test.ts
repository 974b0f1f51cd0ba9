import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { connect as connectHttp2 } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { needs } from "../../tools/test/needs.ts";
import { AGENT, CLIENT, OTHER_CLIENT } from "../support/app-registration.ts";
import { gatewayDll, startGateway } from "./gateway-process.ts";
import { seconds, useWorld, valuesOf } from "./gateway-world.ts";
import type { HeaderLine } from "./raw-request.ts";

// The sample in infra/gateway, on the real Ocelot, between its callers and the built app. The tests look at what leaves
// the gateway, because the app has to trust it.

const start = { agent_entra_app_id: AGENT };

describe("the sample gateway on Ocelot", await needs("ocelot"), () => {
  const world = useWorld();
  const call: typeof world.call = (...sent) => world.call(...sent);

  test("a session starts through it for an approved client, and for no other", async () => {
    const session = await call("/api/session/start", { headers: await world.as(CLIENT), body: start });
    expect([session.status, session.body.agent_entra_app_id]).toEqual([200, AGENT]);
    const refused = await call("/api/session/start", { headers: await world.as(OTHER_CLIENT), body: start });
    expect([refused.status, refused.body.code, refused.type]).toEqual([
      403,
      "client_not_pre_authorized",
      "application/problem+json",
    ]);
  });

  test("a v1 token, which has appid instead of azp, identifies its application too", async () => {
    const iss = world.service.stack.entra.issuers.v1;
    const headers = await world.as(CLIENT, {
      iss,
      aud: "api://lkps",
      appid: CLIENT,
      azp: undefined,
      ver: "1.0",
    });
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
  ])("a caller that sends %s is still identified by its token", async (_, extra) => {
    const headers = [...(await world.as(OTHER_CLIENT)), ...extra];
    const answer = await call("/api/session/start", { headers, body: start });
    expect([answer.status, answer.body.code]).toEqual([403, "client_not_pre_authorized"]);
    expect(valuesOf(world.left, "client-id")).toEqual([OTHER_CLIENT]);
    expect(valuesOf(world.left, "x-functions-key")).toEqual([world.service.stack.functionKey]);
  });

  test("a key or an id in the query has no effect", async () => {
    const path = `/api/session/start?code=mine&client-id=${CLIENT}&everything=health`;
    const answer = await call(path, { headers: await world.as(OTHER_CLIENT), body: start });
    expect([answer.status, answer.body.code]).toEqual([403, "client_not_pre_authorized"]);
  });

  test.each<[string, () => Promise<HeaderLine[]>]>([
    ["no token", async () => []],
    ["no token, but LKPS's own key", async () => [["x-functions-key", world.service.stack.functionKey]]],
    ["not a token", async () => [["Authorization", "Bearer x"]]],
    ["two tokens", async () => [...(await world.as(CLIENT)), ...(await world.as(OTHER_CLIENT))]],
    ["an expired token", () => world.as(CLIENT, { nbf: seconds() - 600, exp: seconds() - 120 })],
    ["a token that is not valid yet", () => world.as(CLIENT, { nbf: seconds() + 120 })],
    ["a token for something else", () => world.as(CLIENT, { aud: "00000003-0000-0000-c000-000000000000" })],
    [
      "a token of another tenant",
      () => world.as(CLIENT, { iss: world.service.stack.entra.issuers.v2.replace("7e4a", "7e4b") }),
    ],
  ])("with %s nobody gets in: 401", async (_, headersOf) => {
    const headers: HeaderLine[] = [["Client-Id", CLIENT], ...(await headersOf())];
    expect((await call("/api/session/start", { headers, body: start })).status).toBe(401);
    expect(world.left).toEqual([]);
  });

  test("a chunked body arrives whole, with its length", async () => {
    const headers: HeaderLine[] = [...(await world.as(CLIENT)), ["Transfer-Encoding", "chunked"]];
    expect((await call("/api/session/start", { headers, body: start })).status).toBe(200);
    expect(valuesOf(world.left, "content-length")).toEqual([String(JSON.stringify(start).length)]);
    expect(valuesOf(world.left, "transfer-encoding")).toEqual([]);
  });

  test("anonymous routes need no token, and the gateway adds nothing to them", async () => {
    const answer = await call("/api/health", { method: "GET", headers: [["Client-Id", CLIENT]] });
    expect([answer.status, answer.body.status]).toEqual([200, "ok"]);
    expect(valuesOf(world.left, "client-id")).toEqual([]);
    expect(valuesOf(world.left, "x-functions-key")).toEqual([]);
  });

  test.each(["/api/health/../session/start", "/api/health%2f..%2fsession/start"])(
    "nobody gets around the token with %s",
    async (path) => {
      const headers: HeaderLine[] = [["Client-Id", CLIENT]];
      expect([400, 401]).toContain((await call(path, { headers, body: start })).status);
      expect(world.left).toEqual([]);
    },
  );

  test("without audiences in its settings, it lets nobody in", async () => {
    const folder = await mkdtemp(join(tmpdir(), "lkps-test-"));
    const careless = Object.entries(world.settings).filter(([name]) => !name.includes("ValidAudiences"));
    await copyFile(join(await gatewayDll(), "..", "ocelot.json"), join(folder, "ocelot.json"));
    const other = await startGateway(Object.fromEntries(careless), folder);
    try {
      const headers = await world.as(CLIENT);
      expect((await call("/api/session/start", { headers, body: start }, other.url)).status).toBe(401);
    } finally {
      await other.close();
      await rm(folder, { recursive: true });
    }
  });

  test("an HTTP/2 body, which may come without a length, arrives whole", async () => {
    const other = await world.start({ Kestrel__EndpointDefaults__Protocols: "Http2" });
    const connection = connectHttp2(other.url);
    try {
      const request = connection.request({
        ":method": "POST",
        ":path": "/api/session/start",
        "content-type": "application/json",
        "client-id": OTHER_CLIENT,
        ...Object.fromEntries((await world.as(CLIENT)).map(([name, value]) => [name.toLowerCase(), value])),
      });
      request.end(JSON.stringify(start));
      expect(await json(request)).toMatchObject({ agent_entra_app_id: AGENT });
      expect(valuesOf(world.left, "client-id")).toEqual([CLIENT]);
    } finally {
      connection.close();
    }
  });

  test("it does not start without LKPS's function key", async () => {
    const { LKPS_FUNCTION_KEY: _, ...rest } = world.settings;
    await expect(startGateway(rest)).rejects.toThrow("Set LKPS_FUNCTION_KEY");
  });
});
