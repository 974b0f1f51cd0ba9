import { beforeAll, describe, expect, test } from "vitest";
import { needs } from "../../tools/test/needs.ts";
import { AGENT, CLIENT, OTHER_CLIENT } from "../support/app-registration.ts";
import type { RunningGateway } from "./gateway-process.ts";
import { useWorld } from "./gateway-world.ts";
import type { HeaderLine, RawRequest } from "./raw-request.ts";

// CORS of the sample in infra/gateway, on the real Ocelot: what browsers send, and what it lets their pages read.

const ORIGIN = "https://console.example";
const start = { agent_entra_app_id: AGENT };
const from = (origin: string): HeaderLine => ["Origin", origin];
const asking: HeaderLine[] = [
  ["Access-Control-Request-Method", "POST"],
  ["Access-Control-Request-Headers", "authorization,content-type"],
];
const preflight = (origin: string): RawRequest => ({
  method: "OPTIONS",
  headers: [from(origin), ...asking, ["client-id", CLIENT]],
});

describe("browsers and the sample gateway on Ocelot", await needs("ocelot"), () => {
  /** Its own gateway has no origins; this one has two. */
  const world = useWorld();
  const origins = (...all: string[]) =>
    Object.fromEntries(all.map((origin, n) => [`Cors__Origins__${n}`, origin]));
  let gateway: RunningGateway;
  beforeAll(async () => {
    gateway = await world.start(origins(ORIGIN, "http://127.0.0.1:5173"));
  });
  const call = (path: string, sent: RawRequest, url = gateway.url) => world.call(path, sent, url);
  /** What a page of that origin sends, with a token of that application. */
  const page = async (origin: string, application: string = CLIENT): Promise<HeaderLine[]> => [
    from(origin),
    ...(await world.as(application)),
  ];

  test.each([
    [ORIGIN, "/api/session/start"],
    ["http://127.0.0.1:5173", "/api/agent/authorization"],
    [ORIGIN, "/.well-known/authzen-configuration"],
  ])("a preflight from %s for %s needs no token, and ends at the gateway", async (origin, path) => {
    const { status, headers } = await call(path, preflight(origin));
    expect(status).toBe(204);
    expect(corsOf(headers)).toEqual({
      "access-control-allow-origin": origin,
      "access-control-allow-methods": "GET,POST,DELETE",
      "access-control-allow-headers": "authorization,content-type,x-request-id",
      "access-control-max-age": "600",
    });
    expect(world.left).toEqual([]);
  });

  test.each([
    "https://evil.example",
    "http://console.example",
    "https://console.example:8443",
    "https://a.console.example",
    "null",
  ])("a preflight from %s gets no CORS headers, and ends at the gateway too", async (origin) => {
    expect(corsOf((await call("/api/session/start", preflight(origin))).headers)).toEqual({});
    expect(world.left).toEqual([]);
  });

  test("without configured origins, a preflight has no route, and no answer has CORS headers", async () => {
    const asked = await call("/api/session/start", preflight(ORIGIN), world.gateway.url);
    expect([asked.status, corsOf(asked.headers), world.left]).toEqual([404, {}, []]);
    const served = await call(
      "/api/session/start",
      { headers: await page(ORIGIN), body: start },
      world.gateway.url,
    );
    expect([served.status, corsOf(served.headers)]).toEqual([200, {}]);
  });

  test.each<[string, number, () => Promise<HeaderLine[]>]>([
    ["session", 200, () => page(ORIGIN)],
    ["refusal by LKPS", 403, () => page(ORIGIN, OTHER_CLIENT)],
    ["refusal by the gateway", 401, async () => [from(ORIGIN)]],
  ])(
    "a page from an allowed origin can read a %s, Retry-After, and X-Request-ID",
    async (_, status, headersOf) => {
      const headers: HeaderLine[] = [...(await headersOf()), ["X-Request-ID", "quote-me"]];
      const answer = await call("/api/session/start", { headers, body: start });
      expect(answer.status).toBe(status);
      expect(corsOf(answer.headers)).toEqual({
        "access-control-allow-origin": ORIGIN,
        "access-control-expose-headers": "Retry-After,X-Request-ID",
      });
      expect(answer.headers["x-request-id"]).toBe("quote-me");
    },
  );

  test("a page from another origin can read nothing: the token decides, and the browser withholds the answer", async () => {
    const answer = await call("/api/session/start", {
      headers: await page("https://evil.example"),
      body: start,
    });
    expect([answer.status, corsOf(answer.headers)]).toEqual([200, {}]);
  });

  test.each([
    ["POST", "/api/agent/register"],
    ["GET", "/api/agent/registration"],
    ["DELETE", "/api/agent/registration"],
  ])("%s %s that looks like a preflight still needs a token", async (method, path) => {
    await call("/api/session/start", preflight(ORIGIN));
    const headers = [from(ORIGIN), ...asking, ["client-id", CLIENT] as const];
    expect((await call(path, { method, headers })).status).toBe(401);
    expect(world.left).toEqual([]);
  });

  test("OPTIONS without a requested method is not a preflight, and has no route", async () => {
    const headers = await page(ORIGIN);
    expect((await call("/api/session/start", { method: "OPTIONS", headers })).status).toBe(404);
    expect(world.left).toEqual([]);
  });

  test("a page from an allowed origin is identified by its token, whatever client-id it sends", async () => {
    const headers: HeaderLine[] = [...(await page(ORIGIN, OTHER_CLIENT)), ["Client-Id", CLIENT]];
    expect((await call("/api/session/start", { headers, body: start })).body.code).toBe(
      "client_not_pre_authorized",
    );
    const sent = world.left.flat().filter(([name]) => name.toLowerCase() === "client-id");
    expect(sent).toEqual([["client-id", OTHER_CLIENT]]);
  });

  test.each(["*", "null", `${ORIGIN}/`, `${ORIGIN}:443`, "https://Console.example", "console.example"])(
    "it does not start with the origin %s, which no browser sends",
    async (origin) => {
      await expect(world.start(origins(ORIGIN, origin))).rejects.toThrow(`Cors:Origins has "${origin}"`);
    },
  );
});

function corsOf(headers: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith("access-control")));
}
