import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EXAMPLE } from "../../src/contract/example-ids.ts";
import { distDirectory } from "../../tools/repository-paths.ts";
import { document, operations } from "../support/openapi-document.ts";
import { runPackage } from "../support/run-package.ts";
import { type Service, send, startService } from "../support/service.ts";

let service: Service;

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service?.close());

const get = (path: string) => service.call("GET", path, { caller: EXAMPLE.agentThatOptedOut });

test("the served document is the one that the schemas generate", async () => {
  for (const url of [service.stack.appUrl, service.stack.gatewayUrl]) {
    const answer = await send(`${url}/api/openapi.json`, "GET", undefined);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.body).toEqual(document);
  }
});

test("it names no host, whatever the Host header says", async () => {
  const answer = await service.call("GET", "/api/openapi.json", { headers: { "x-forwarded-host": "evil" } });
  expect(answer.body.servers).toEqual([{ url: "/", description: expect.any(String) }]);
  expect(answer.text).not.toMatch(/evil|127\.0\.0\.1/);
});

test("it has every HTTP function with its method and path, and says whether each needs a caller", () => {
  const documented = operations.map(({ operationId, method, path, security = document.security }) => ({
    name: operationId,
    methods: method === "GET" ? ["GET", "HEAD"] : [method],
    route: path.slice(1),
    authLevel: security.length === 0 ? "anonymous" : "function",
  }));
  // The page's scripts and style sheets, the problems page, and what LiveKit calls are not part of the contract.
  const served = service.stack.functions.filter(
    ({ trigger, name }) => trigger === "httpTrigger" && !["docsFile", "livekitWebhook"].includes(name),
  );
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
  expect(documented.sort(byName)).toEqual(served.map(({ trigger, ...one }) => one).sort(byName));
});

test("every operation with a caller documents 401, 500, and 503, and every one with a body 400, 411, 413, and 415", () => {
  for (const { operationId, responses, requestBody, security } of operations) {
    const callers = security === undefined ? ["401", "500", "503"] : [];
    const body = requestBody === undefined ? [] : ["400", "411", "413", "415"];
    expect(Object.keys(responses), operationId).toEqual(expect.arrayContaining([...callers, ...body]));
  }
});

test("every reference resolves", () => {
  const refs = JSON.stringify(document).matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g);
  const used = new Set([...refs].map(([, kind = "", name = ""]) => `${kind} ${name}`));
  const { securitySchemes, ...kinds } = document.components;
  const there = Object.entries<object>(kinds).flatMap(([kind, all]) =>
    Object.keys(all).map((name) => `${kind} ${name}`),
  );
  expect([...used].sort()).toEqual(there.sort());
});

const numbers = operations.flatMap(({ path, parameters = [] }) =>
  parameters
    .filter(({ schema }: { schema: { type: string } }) => schema.type === "integer")
    .map(({ name, schema }: { name: string; schema: object }) => ({ path, name, ...schema })),
);

test.each(numbers)(
  "$path accepts $name from $minimum to $maximum, with the default $default",
  async (one) => {
    const { path, name, minimum, maximum, default: byDefault } = one;
    const statuses = [minimum - 1, minimum, maximum, maximum + 1].map(
      async (value) => (await get(`${path}?${name}=${value}`)).status,
    );
    expect(await Promise.all(statuses)).toEqual([400, 200, 200, 400]);

    const body = { service_config: { enforce_client_authz: false } };
    await service.call("POST", "/api/agent/register", { caller: EXAMPLE.agentThatOptedOut, body });
    const start = () =>
      service.call("POST", "/api/session/start", {
        caller: EXAMPLE.client,
        body: { agent_entra_app_id: EXAMPLE.agentThatOptedOut },
      });
    await Promise.all(Array.from({ length: byDefault + 1 }, start));
    const { body: answer } = await get(path);
    expect(answer.days ?? answer.sessions.length).toBe(byDefault);
  },
);

test("a linter reports nothing", async () => {
  // The recommended rules, with warnings as errors.
  const file = join(distDirectory, "docs", "openapi.json");
  const redocly = import.meta.resolve("@redocly/cli/bin/cli.js");
  const rules = ["--extends", "recommended-strict"];
  const { totals } = JSON.parse(await runPackage(redocly, "lint", ...rules, "--format", "json", file));
  expect(totals).toEqual({ errors: 0, warnings: 0, ignored: 0 });
});
