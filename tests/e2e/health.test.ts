import { afterAll, beforeAll, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { type Service, send, startService } from "../support/service.ts";

let service: Service;
/** The answer that replaces Graph's own, if any. */
let graphStatus: number | undefined;
let graphReads = 0;

beforeAll(async () => {
  service = await startService({
    applications: [],
    intercept: (request, response) => {
      if (request.url?.startsWith("/v1.0/")) graphReads++;
      if (graphStatus === undefined || !request.url?.startsWith("/v1.0/")) return false;
      response.writeHead(graphStatus, { "content-type": "application/json" }).end("{}");
      return true;
    },
  });
});
afterAll(() => service?.close());

const get = (path: string) => send(`${service.stack.appUrl}${path}`, "GET", undefined);
/** Readiness is checked at most once a second: after that, the answer is current. */
const aSecond = () => new Promise((resolve) => setTimeout(resolve, 1_100));

test("the process answers, without a key or a caller", async () => {
  const answer = await get("/api/health");
  expect([answer.status, answer.body]).toEqual([200, { status: "ok", version: manifest.version }]);
  expect(answer.headers.get("cache-control")).toBe("no-store");
});

test.each(["/api/health", "/api/health/ready", "/api/docs", "/api/openapi.json", "/api/docs/problems.html"])(
  "HEAD %s is answered like GET, without the body",
  async (path) => {
    const [get_, head] = await Promise.all([
      get(path),
      send(`${service.stack.appUrl}${path}`, "HEAD", undefined),
    ]);
    expect([head.status, head.text]).toEqual([get_.status, ""]);
    expect(head.headers.get("content-type")).toBe(get_.headers.get("content-type"));
  },
);

test("HEAD of a route that needs a caller needs one too", async () => {
  const head = (caller: string | undefined) =>
    service.call("HEAD", "/api/agent/registration", caller === undefined ? {} : { caller });
  expect([
    (await head(undefined)).status,
    (await head("a9e17000-0000-4000-8000-000000000001")).status,
  ]).toEqual([401, 404]);
});

test("each dependency is called at most once a second, no matter how many requests arrive", async () => {
  await aSecond();
  graphReads = 0;
  await Promise.all(Array.from({ length: 30 }, () => get("/api/health/ready")));
  expect(graphReads).toBe(1);
});

test("it is ready while Table Storage and Graph answer", async () => {
  const answer = await get("/api/health/ready");
  expect([answer.status, answer.body]).toEqual([
    200,
    { status: "ready", dependencies: { tables: { ok: true }, graph: { ok: true } } },
  ]);
});

test.each([
  [500, "directory_unavailable"],
  [403, "directory_access_denied"],
])("it is not ready while Graph answers %d, and the log says why", async (status, code) => {
  await aSecond();
  graphStatus = status;
  const before = service.lines.length;
  const answer = await get("/api/health/ready");
  graphStatus = undefined;
  expect([answer.status, answer.body]).toEqual([
    503,
    { status: "not_ready", dependencies: { tables: { ok: true }, graph: { ok: false, code } } },
  ]);
  expect(answer.headers.get("retry-after")).toBe("1");
  expect(service.lines.slice(before).map((line) => JSON.parse(line))).toMatchObject([
    { event: "failure", code },
  ]);
});

test("it is not ready while Table Storage is down, and ready again afterwards", async () => {
  await aSecond();
  await service.stack.restartApp({
    TABLES_CONNECTION_STRING: service.stack.azurite.connectionString.replace(
      /TableEndpoint=[^;]*/,
      "TableEndpoint=http://127.0.0.1:1/devstoreaccount1",
    ),
  });
  const answer = await get("/api/health/ready");
  expect([answer.status, answer.body.dependencies]).toEqual([
    503,
    { tables: { ok: false, code: "storage_unavailable" }, graph: { ok: true } },
  ]);
  await service.stack.restartApp();
  expect((await get("/api/health/ready")).status).toBe(200);
});
