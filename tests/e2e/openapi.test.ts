import { join } from "node:path";
import { expect, test } from "vitest";
import { consoleSettings } from "../../dev/stack/app-settings.ts";
import { distDirectory } from "../../tools/repository-paths.ts";
import { document, operations } from "../support/openapi-document.ts";
import { runPackage } from "../support/run-package.ts";
import { send } from "../support/service.ts";
import { useService } from "../support/use-service.ts";

const service = useService({ settings: consoleSettings });

test("the served document is the one that the schemas generate", async () => {
  for (const url of [service.stack.appUrl, service.stack.gatewayUrl]) {
    const answer = await send(`${url}/api/openapi.json`, "GET", undefined);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.body).toEqual(document);
  }
});

test("it has every HTTP function with its method and path, and says whether each needs a caller", () => {
  const documented = operations.map(({ operationId, method, path, security = document.security }) => ({
    name: operationId,
    methods: method === "GET" ? ["GET", "HEAD"] : [method],
    route: path.slice(1),
    authLevel: security.length === 0 ? "anonymous" : "function",
  }));
  // Pages and their files are not for callers, and LiveKit has its own documentation.
  const undocumented = ["docsFile", "console", "consoleFile", "livekitWebhook"];
  const served = service.stack.functions.filter(
    ({ trigger, name }) => trigger === "httpTrigger" && !undocumented.includes(name),
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

test("a linter reports nothing: every reference resolves, and every component is used", async () => {
  // The recommended rules, with warnings as errors.
  const file = join(distDirectory, "docs", "openapi.json");
  const redocly = import.meta.resolve("@redocly/cli/bin/cli.js");
  const rules = ["--extends", "recommended-strict"];
  const { totals } = JSON.parse(await runPackage(redocly, "lint", ...rules, "--format", "json", file));
  expect(totals).toEqual({ errors: 0, warnings: 0, ignored: 0 });
});
