import { afterAll, beforeAll, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { type Service, send, startService } from "../support/service.ts";

let service: Service;
/** The answer that replaces Graph's own, if any. */
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

const ask = (path: string, method = "GET") => send(`${service.stack.appUrl}${path}`, method, undefined);

test("the process answers without a key or a caller, and HEAD without a body", async () => {
  const answer = await ask("/api/health");
  expect([answer.status, answer.body]).toEqual([200, { status: "ok", version: manifest.version }]);
  const head = await ask("/api/health", "HEAD");
  expect([head.status, head.text, head.headers.get("content-type")]).toEqual([
    200,
    "",
    answer.headers.get("content-type"),
  ]);
});

test("readiness follows the real dependencies", async () => {
  expect((await ask("/api/health/ready")).body).toEqual({
    status: "ready",
    dependencies: { tables: { ok: true }, graph: { ok: true } },
  });
  graphStatus = 403;
  await service.stack.restartApp({
    TABLES_CONNECTION_STRING: service.stack.azurite.connectionString.replace(
      /TableEndpoint=[^;]*/,
      "TableEndpoint=http://127.0.0.1:1/devstoreaccount1",
    ),
  });
  expect((await ask("/api/health/ready")).body).toEqual({
    status: "not_ready",
    dependencies: {
      tables: { ok: false, code: "storage_unavailable" },
      graph: { ok: false, code: "directory_access_denied" },
    },
  });
  graphStatus = undefined;
  await service.stack.restartApp();
  expect((await ask("/api/health/ready")).status).toBe(200);
});
