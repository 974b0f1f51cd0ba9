import { describe, expect, test } from "vitest";
import { DependencyError } from "../../../src/domain/dependency-error.ts";
import { testApp } from "../../support/test-app.ts";

const get = (app: ReturnType<typeof testApp>, path: string, headers = {}) =>
  app.request("GET", path, { headers });

test("the health check answers while everything else fails", async () => {
  const app = testApp();
  Object.assign(app.failures, { tables: new Error(), graph: new Error(), parts: new Error() });
  const { status, body, headers } = await get(app, "/api/health");
  expect([status, body]).toEqual([200, { status: "ok", version: "1.2.3" }]);
  expect(headers["cache-control"]).toBe("no-store");
});

describe("readiness", () => {
  const READY = "/api/health/ready";
  const unavailable = new DependencyError("directory_unavailable", "Graph returned 503");
  const denied = new DependencyError("directory_access_denied", "Graph returned 403");
  const down = new DependencyError("storage_unavailable", "Table Storage is down");
  const ready = { tables: { ok: true }, graph: { ok: true } };

  test("is 200 while Table Storage and Graph answer", async () => {
    const { status, body, headers } = await get(testApp(), READY);
    expect([status, body]).toEqual([200, { status: "ready", dependencies: ready }]);
    expect(headers).not.toHaveProperty("retry-after");
  });

  test.each<["tables" | "graph" | "parts", Error, string]>([
    ["graph", unavailable, "directory_unavailable"],
    ["graph", denied, "directory_access_denied"],
    ["tables", down, "storage_unavailable"],
    ["tables", new TypeError("a defect"), "internal_error"],
    // Node caches a failed import forever.
    ["parts", new TypeError("Cannot find module"), "internal_error"],
  ])("is 503 if %s fails with %s, and the log says why", async (part, error, code) => {
    const expected =
      part === "parts"
        ? { dependencies: ready, code }
        : { dependencies: { ...ready, [part]: { ok: false, code } } };
    const app = testApp();
    app.failures[part] = error;
    const { status, body, headers } = await get(app, READY);
    expect([status, body]).toEqual([503, { status: "not_ready", ...expected }]);
    expect(headers["retry-after"]).toBe("1");
    expect(app.lines).toMatchObject([
      { event: "failure", code, causes: [expect.stringContaining(error.message)] },
    ]);
  });

  test("asks each dependency at most once a second, however many requests arrive", async () => {
    const app = testApp();
    await Promise.all(Array.from({ length: 30 }, () => get(app, READY)));
    app.time.elapsed += 900;
    await get(app, READY);
    expect([app.calls.find, app.calls.probe]).toEqual([1, 1]);
    app.time.elapsed += 100;
    await get(app, READY);
    expect([app.calls.find, app.calls.probe]).toEqual([2, 2]);
  });

  test("writes one line a minute for repeated failures, each code its own", async () => {
    const app = testApp();
    const codes = async (failure: Error, ...times: number[]) => {
      for (const later of times) {
        app.time.elapsed += later;
        app.failures.graph = failure;
        await get(app, READY);
      }
      return app.lines.map(({ code }) => code);
    };
    expect(await codes(unavailable, 0, 1_000, 30_000, 28_000)).toEqual(["directory_unavailable"]);
    expect(await codes(denied, 900)).toEqual(["directory_unavailable"]);
    expect(await codes(denied, 1_000)).toEqual(["directory_unavailable", "directory_access_denied"]);
    expect(await codes(unavailable, 1_000)).toHaveLength(3);
  });
});

describe("the URLs that LKPS returns", () => {
  const gateway = { PUBLIC_BASE_URL: "https://gateway.example.com/lkps" };
  const site = { WEBSITE_HOSTNAME: "lkps.azurewebsites.net" };
  test.each<[string, Record<string, string>, string, string | undefined]>([
    ["begin with PUBLIC_BASE_URL", { ...gateway, ...site }, gateway.PUBLIC_BASE_URL, gateway.PUBLIC_BASE_URL],
    [
      "begin with the app's own host name, and are relative in problems",
      site,
      "",
      "https://lkps.azurewebsites.net",
    ],
    ["are missing if neither is known", {}, "", undefined],
  ])("%s", async (_, settings, problems, metadata) => {
    const app = testApp({ settings });
    const evil = { "x-forwarded-host": "evil.example.com", host: "evil.example.com" };
    const problem = await get(app, "/api/agent/registration", evil);
    expect(problem.body.type).toBe(`${problems}/api/docs/problems.html#caller_unidentified`);
    const { body: document, text } = await get(app, "/api/openapi.json", evil);
    expect(document.servers[0].url).toBe(problems || "/");
    const { status, body } = await get(app, "/.well-known/authzen-configuration", evil);
    if (metadata === undefined) return expect([status, body.code]).toEqual([404, "not_found"]);
    expect([status, body]).toEqual([
      200,
      {
        policy_decision_point: metadata,
        access_evaluation_endpoint: `${metadata}/api/access/v1/evaluation`,
        access_evaluations_endpoint: `${metadata}/api/access/v1/evaluations`,
        search_subject_endpoint: `${metadata}/api/access/v1/search/subject`,
        search_resource_endpoint: `${metadata}/api/access/v1/search/resource`,
        search_action_endpoint: `${metadata}/api/access/v1/search/action`,
      },
    ]);
    expect(text + JSON.stringify(body)).not.toContain("evil");
  });
});

describe("a static file", () => {
  test.each([
    ["/api/docs", "index.html", "text/html; charset=utf-8"],
    ["/api/docs/problems.html", "problems.html", "text/html; charset=utf-8"],
    ["/api/docs/lkps.css", "lkps.css", "text/css; charset=utf-8"],
    ["/api/docs/names.js", "names.js", "text/javascript; charset=utf-8"],
    ["/api/docs/start.js", "start.js", "text/javascript; charset=utf-8"],
    ["/api/docs/swagger-ui.css", "swagger-ui.css", "text/css; charset=utf-8"],
    ["/api/docs/swagger-ui-bundle.js", "swagger-ui-bundle.js", "text/javascript; charset=utf-8"],
  ])("%s is served under a strict policy, and revalidated each time", async (path, file, type) => {
    const { status, text, headers } = await get(testApp(), path);
    expect([status, text]).toEqual([200, `the file ${file}`]);
    expect(headers).toEqual({
      "cache-control": "no-cache",
      "content-security-policy": expect.stringMatching(/^default-src 'none'; .*frame-ancestors 'none'$/),
      "content-type": type,
      "cross-origin-opener-policy": "same-origin",
      etag: `"digest-of-${file}"`,
      "referrer-policy": "no-referrer",
      vary: "accept-encoding",
      "x-content-type-options": "nosniff",
    });
    expect(headers["content-security-policy"]).not.toMatch(/unsafe|\*|https?:/);
  });

  const plain = '"digest-of-start.js"';
  const gzip = '"digest-of-start.js-gzip"';
  test.each<[string, Record<string, string>, number, string]>([
    ["no encoding", { "accept-encoding": "identity" }, 200, plain],
    ["gzip", { "accept-encoding": "br, gzip;q=0.5" }, 200, gzip],
    ["any encoding", { "accept-encoding": "*" }, 200, gzip],
    ["gzip refused", { "accept-encoding": "gzip;q=0" }, 200, plain],
    ["gzip refused at length", { "accept-encoding": "gzip; q=0.000, *" }, 200, plain],
    ["its own tag", { "if-none-match": plain }, 304, plain],
    ["a weak tag", { "if-none-match": `W/${plain}` }, 304, plain],
    ["one of two tags", { "if-none-match": `"other", ${plain}` }, 304, plain],
    ["any tag", { "if-none-match": "*" }, 304, plain],
    ["another tag", { "if-none-match": '"other"' }, 200, plain],
    ["the tag of another encoding", { "if-none-match": plain, "accept-encoding": "gzip" }, 200, gzip],
    ["the tag of that encoding", { "if-none-match": gzip, "accept-encoding": "gzip" }, 304, gzip],
  ])("asked for with %s: %o", async (_, headers, status, etag) => {
    const answer = await get(testApp(), "/api/docs/start.js", headers);
    expect([answer.status, answer.headers["etag"], answer.headers["cache-control"]]).toEqual([
      status,
      etag,
      "no-cache",
    ]);
    const content = etag === gzip ? "gzipped start.js" : "the file start.js";
    expect([answer.text, answer.headers["content-encoding"]]).toEqual(
      status === 304 ? ["", undefined] : [content, etag === gzip ? "gzip" : undefined],
    );
  });

  test.each([
    ..."index.html local-sign-in.js local-callers.json openapi.json LICENSE main.mjs START.JS".split(" "),
    ..."..%2fpackage.json ..%5cpackage.json %2e%2e%2fhost.json start.js%00 __proto__ constructor".split(" "),
  ])("/api/docs/%s is a 404", async (file) => {
    const { status, body } = await get(testApp(), `/api/docs/${file}`);
    expect([status, body.code]).toEqual([404, "not_found"]);
  });

  test("a trailing slash redirects to the URL without it, by a relative URL", async () => {
    const { status, headers } = await get(testApp(), "/api/docs/");
    expect([status, headers["location"]]).toEqual([308, "../docs"]);
  });
});
