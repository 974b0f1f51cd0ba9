import { beforeEach, expect, test } from "vitest";
import { DependencyError } from "../../src/domain/dependency-error.ts";
import { readiness } from "../../src/functions/readiness.ts";
import type { RequestContext } from "../../src/http/endpoint.ts";

let now: number;
let fails: Partial<Record<"tables" | "graph" | "parts", Error>>;
let reported: unknown[];
let ask: () => Promise<{ status: number; jsonBody: object }>;

beforeEach(() => {
  now = 1_000_000;
  fails = {};
  reported = [];
  const probe = (name: keyof typeof fails) => async () => {
    if (fails[name] !== undefined) throw fails[name];
  };
  const probes = { tables: probe("tables"), graph: probe("graph"), parts: probe("parts") };
  const handle = readiness.handler({ probes, clock: { elapsed: () => now } });
  const requestContext = {
    reportFailure: (error: unknown) => reported.push(error),
  } as unknown as RequestContext;
  ask = () => handle(requestContext as never) as never;
});
const unavailable = new DependencyError("directory_unavailable", "Graph returned 503");
const denied = new DependencyError("directory_access_denied", "Graph returned 403");

test("if a part cannot be loaded, the app is not ready, although every dependency answers", async () => {
  fails.parts = new TypeError("Cannot find module");
  expect(await ask()).toMatchObject({
    status: 503,
    jsonBody: {
      status: "not_ready",
      dependencies: { tables: { ok: true }, graph: { ok: true } },
      code: "internal_error",
    },
  });
  expect(reported).toEqual([fails.parts]);
});

test("a defect in a probe counts as that dependency's failure, not a 500", async () => {
  fails.tables = new TypeError("undefined is not a function");
  expect(await ask()).toMatchObject({
    status: 503,
    jsonBody: { dependencies: { tables: { ok: false, code: "internal_error" }, graph: { ok: true } } },
  });
});

test("repeated failures write one line a minute, each kind its own", async () => {
  fails.graph = unavailable;
  for (const later of [0, 1, 30_000, 29_998]) {
    now += later;
    await ask();
  }
  expect(reported).toEqual([unavailable]);
  fails.graph = denied;
  await ask();
  expect(reported).toEqual([unavailable, denied]);
  fails.graph = unavailable;
  now += 1;
  await ask();
  expect(reported).toEqual([unavailable, denied, unavailable]);
});
