import { connect as connectHttp2, constants } from "node:http2";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { needs } from "../../tools/test/needs.ts";
import { AGENT, CLIENT, OTHER_CLIENT } from "../support/app-registration.ts";
import { expectProblem, useWorld, valuesOf } from "./gateway-world.ts";
import { type HeaderLine, sendBytes, sendRaw } from "./raw-request.ts";

// What the sample in infra/gateway itself rejects before LKPS sees it (upgrades and bodies), and with which answers.

const start = { agent_entra_app_id: AGENT };

const aspNetLogs = { "Logging__LogLevel__Microsoft.AspNetCore": "Information" };

describe("what the sample gateway refuses", await needs("ocelot"), () => {
  const world = useWorld();
  const call: typeof world.call = (...sent) => world.call(...sent);

  const webSocket: HeaderLine[] = [
    ["Connection", "Upgrade"],
    ["Sec-WebSocket-Version", "13"],
    ["Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="],
  ];
  test.each(["/api/agent/registration", "/api/health", "/api/nothing", "/"])(
    "a WebSocket to %s is refused: 400",
    async (path) => {
      for (const upgrade of ["websocket", "WebSocket", "h2c, websocket"]) {
        const headers: HeaderLine[] = [...webSocket, ["Upgrade", upgrade]];
        expectProblem(await call(path, { method: "GET", headers }), "invalid_request");
      }
      expect(world.left).toEqual([]);
    },
  );

  test.each(["127.0.0.1:443", "lkps.example:443"])("CONNECT %s is refused: 400", async (target) => {
    const bytes = `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\nConnection: close\r\n\r\n`;
    expectProblem(await sendBytes(world.gateway.url, bytes), "invalid_request");
    expect(world.left).toEqual([]);
  });

  test.each(["/api/health", "/api/nothing"])("an extended CONNECT to %s is refused: 400", async (path) => {
    const other = await world.start({ Kestrel__EndpointDefaults__Protocols: "Http2" });
    const connection = connectHttp2(other.url);
    try {
      await new Promise((resolve) => connection.once("remoteSettings", resolve));
      const request = connection.request({
        ":method": "CONNECT",
        ":protocol": "websocket",
        ":path": path,
        ":scheme": "http",
        "sec-websocket-version": "13",
      });
      const status = await new Promise((resolve) =>
        request.once("response", (headers) => resolve(headers[constants.HTTP2_HEADER_STATUS])),
      );
      expect(status).toBe(400);
      expect(world.left).toEqual([]);
    } finally {
      connection.destroy();
      await other.close();
    }
  });

  test.each([
    ["GET", "/api/health", undefined, 200],
    ["POST", "/api/session/start", start, 200],
  ])("h2c, which Java requests each time, has no effect on %s %s", async (method, path, body, status) => {
    const headers: HeaderLine[] = [
      ...(await world.as(CLIENT)),
      ["Connection", "Upgrade, HTTP2-Settings"],
      ["Upgrade", "h2c"],
      ["HTTP2-Settings", "AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA"],
    ];
    expect((await call(path, { method, headers, body })).status).toBe(status);
    for (const name of ["upgrade", "http2-settings"]) expect(valuesOf(world.left, name)).toEqual([]);
  });

  const chunked = (token: readonly HeaderLine[], chunks: string) =>
    [
      "POST /api/session/start HTTP/1.1",
      `Host: ${new URL(world.gateway.url).host}`,
      "Content-Type: application/json",
      "Connection: close",
      "Transfer-Encoding: chunked",
      ...token.map((line) => line.join(": ")),
      "",
      chunks,
    ].join("\r\n");

  test.each(["FFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n", "zz\r\n{}\r\n0\r\n\r\n", "2\r\n{}}\r\n0\r\n\r\n"])(
    "the malformed chunk %j is 400, and not an error of the gateway",
    async (chunks) => {
      expectProblem(await sendBytes(world.gateway.url, chunked([], chunks)), "invalid_request");
      expect(world.left).toEqual([]);
      expect(world.gateway.lines.join("\n")).not.toMatch(/unhandled exception|fail:/i);
    },
  );

  test.each([
    [65_536, "reaches LKPS"],
    [65_537, "is 413"],
  ])("a body of %i bytes %s, in one piece and in chunks of one byte", async (size, what) => {
    const json = JSON.stringify(start).padEnd(size, " ");
    const token = await world.as(CLIENT);
    const bytes = [...json].map((byte) => `1\r\n${byte}\r\n`).join("");
    const inChunks = await sendBytes(world.gateway.url, chunked(token, `${bytes}0\r\n\r\n`));
    const inOne = await sendBytes(
      world.gateway.url,
      chunked(token, json).replace("Transfer-Encoding: chunked", `Content-Length: ${size}`),
    );
    for (const answer of [inChunks, inOne]) {
      if (what === "reaches LKPS") expect(answer.status).toBe(200);
      else expectProblem(answer, "body_too_large");
    }
    expect(world.left.length).toBe(what === "reaches LKPS" ? 2 : 0);
    expect(world.gateway.lines.join("\n")).not.toMatch(/unhandled exception|fail:/i);
  });

  test.each([
    [1_048_576, "reaches LKPS, which finds its signature wrong"],
    [1_048_577, "is 413"],
  ])("a webhook of %i bytes needs no access token and %s", async (size, what) => {
    const head = chunked([["Authorization", "e.y.J"]], "".padEnd(size, " "))
      .replace("/api/session/start", "/api/livekit/webhook")
      .replace("Transfer-Encoding: chunked", `Content-Length: ${size}`)
      .replace("application/json", "application/webhook+json");
    const answer = await sendBytes(world.gateway.url, head);
    if (what === "is 413") return expectProblem(answer, "body_too_large");
    expect([answer.status, valuesOf(world.left, "authorization")]).toEqual([401, ["e.y.J"]]);
    expect(valuesOf(world.left, "x-functions-key")).toEqual([]);
  });

  test("a connection that closes in the middle of a body is not an error of the gateway", async () => {
    const bytes = chunked(await world.as(CLIENT), "5\r\n{");
    const { hostname, port } = new URL(world.gateway.url);
    for (const end of ["end", "resetAndDestroy"] as const) {
      const socket = connect(Number(port), hostname).on("error", () => {});
      await new Promise((resolve) => socket.write(bytes, resolve));
      socket[end]();
      await new Promise((resolve) => socket.once("close", resolve).resume());
    }
    expect(world.left).toEqual([]);
    expect((await call("/api/health", { method: "GET", headers: [] })).status).toBe(200);
    expect(world.gateway.lines.join("\n")).not.toMatch(/unhandled exception|fail:/i);
  });

  test.each([
    ["quote-me", "quote-me"],
    ["x".repeat(128), "x".repeat(128)],
    ["x".repeat(129), undefined],
    ["café", undefined],
  ])("a rejection echoes X-Request-ID %s as %s", async (sent, echoed) => {
    const answer = await call("/api/nothing", { method: "GET", headers: [["X-Request-ID", sent]] });
    expectProblem(answer, "not_found");
    expect(answer.headers["x-request-id"]).toBe(echoed);
  });

  test("an LKPS that cannot be reached is 502", async () => {
    const other = await world.start({ LKPS_URL: "http://127.0.0.1:9" });
    const answer = await sendRaw(other.url, "/api/session/start", {
      headers: await world.as(CLIENT),
      body: start,
    });
    expectProblem(answer, "bad_gateway");
    const anonymous = await sendRaw(other.url, "/api/health", { method: "GET", headers: [] });
    expectProblem(anonymous, "bad_gateway");
  });

  test("with PUBLIC_BASE_URL, a problem's type is an absolute URL", async () => {
    const other = await world.start({ PUBLIC_BASE_URL: "https://lkps.example" });
    const answer = await sendRaw(other.url, "/api/nothing", { method: "GET", headers: [] });
    expect(answer.body.type).toBe("https://lkps.example/api/docs/problems.html#not_found");
  });

  test("what LKPS rejects is passed on unchanged", async () => {
    const headers: HeaderLine[] = [...(await world.as(OTHER_CLIENT)), ["X-Request-ID", "quote-me"]];
    const { status, body, headers: got } = await call("/api/session/start", { headers, body: start });
    expect([status, body.code, got["x-request-id"]]).toEqual([403, "client_not_pre_authorized", "quote-me"]);
    expect(body.instance).toMatch(/^urn:lkps:invocation:/);
  });

  test("what the Functions host rejects, without a body, is passed on unchanged too", async () => {
    const other = await world.start({ LKPS_FUNCTION_KEY: "wrong" });
    const answer = await sendRaw(other.url, "/api/session/start", {
      headers: await world.as(CLIENT),
      body: start,
    });
    expect([answer.status, answer.headers["content-length"], answer.body]).toEqual([401, "0", undefined]);
    expect(answer.headers["www-authenticate"]).toBe(undefined);
  });

  test.each<[string, number, HeaderLine]>([
    ["a header beyond ASCII, which .NET does not send,", 400, ["X-Name", "café"]],
    ["an X-Request-ID beyond ASCII, which LKPS would leave out,", 200, ["X-Request-ID", "café"]],
    ["a page's Accept", 200, ["Accept", "text/html"]],
  ])("%s: %i, and the rejection is a problem", async (_, status, header) => {
    const answer = await call("/api/health", { method: "GET", headers: [header] });
    expect(answer.status).toBe(status);
    if (status === 400) expectProblem(answer, "invalid_request");
    expectProblem(await call("/api/nothing", { method: "GET", headers: [header] }), "not_found");
  });

  // ASP.NET logs query strings unless the sample's settings say otherwise: that proves that the test would find one.
  test.each([
    ["no query string is", {}, false],
    ["but for the sample's settings a query string would be", aspNetLogs, true],
  ])("%s in its log", async (_, settings, isLogged) => {
    const secret = "cursor=a-secret";
    const headers = await world.as(AGENT);
    const gateway = await world.start(settings);
    for (const path of ["/api/agent/sessions", "/api/nothing", "/api/docs/a%2fb", "/api/health"]) {
      await sendRaw(gateway.url, `${path}?${secret}`, { method: "GET", headers });
    }
    const log = () => gateway.lines.join("\n");
    await expect.poll(log).toContain("'/api/health'");
    if (isLogged) await expect.poll(log).toContain("a-secret");
    else expect(log()).not.toContain("a-secret");
  });

  test.each(["ftp://lkps.example", "http://lkps.example", "https://lkps.example/lkps", "lkps"])(
    "it does not start with the LKPS_URL %s",
    async (url) => {
      await expect(world.start({ LKPS_URL: url })).rejects.toThrow("Set LKPS_URL");
    },
  );
});
