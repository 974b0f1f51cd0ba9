import { afterAll, beforeAll, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { type Service, send, startService } from "../support/service.ts";

let service: Service;
/** What Graph answers instead of itself, if anything. */
let graphStatus: number | undefined;

beforeAll(async () => {
  service = await startService({
    applications: [],
    intercept: (request, response) => {
      if (graphStatus === undefined || !request.url?.startsWith("/v1.0/")) return false;
      response.writeHead(graphStatus, { "content-type": "application/json" }).end("{}");
      return true;
    },
  });
});
afterAll(() => service?.close());

const get = (path: string) => send(`${service.stack.appUrl}${path}`, "GET", undefined);
/** Graph is asked for nobody at most once a second: past that, the answer is of now. */
const aSecond = () => new Promise((resolve) => setTimeout(resolve, 1_100));

test("the process serves, without key or caller", async () => {
  const answer = await get("/api/health");
  expect([answer.status, answer.body]).toEqual([200, { status: "ok", version: manifest.version }]);
  expect(answer.headers.get("cache-control")).toBe("no-store");
});

test("it is ready while Storage and Graph answer", async () => {
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

test("it is not ready while Storage is away, and is again afterwards", async () => {
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
