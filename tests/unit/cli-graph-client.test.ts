import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { GraphResponse } from "../../cli/graph/graph-access.ts";
import { createGraphClient } from "../../cli/graph/graph-client.ts";

// Retries, waits, and batches are the service's own code: see graph-requests.test.ts.

const GRAPH = "https://graph.example.com";
const graph = createGraphClient({ url: GRAPH, signedInAs: null, tenantId: null }, "secret");

/** What fetch was called with. */
const calls: { url: string; init: RequestInit }[] = [];
/** What fetch responds next; the last one repeats. */
let responses: (() => Promise<Response>)[];

const response =
  (status: number, body: unknown = {}, headers: Record<string, string> = {}) =>
  async () =>
    new Response(JSON.stringify(body), { status, headers });
const refused = () => Promise.reject(new TypeError("fetch failed", { cause: new Error("ECONNREFUSED") }));
const hangs = () => new Promise<Response>(() => {});

beforeEach(() => {
  vi.useFakeTimers();
  calls.length = 0;
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
    calls.push({ url, init });
    const next = responses.length > 1 ? responses.shift() : responses[0];
    return (next as () => Promise<Response>)();
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Lets all timers run until the promise settles; how long that took on the fake clock. */
async function settle<T>(promise: Promise<T>): Promise<{ result: T | Error; ms: number }> {
  const startedAt = performance.now();
  let ms = 0;
  const settled = promise
    .catch((error: Error) => error)
    .finally(() => {
      ms = performance.now() - startedAt;
    });
  await vi.runAllTimersAsync();
  return { result: await settled, ms };
}

test("a read is retried after a 429", async () => {
  responses = [response(429, {}, { "retry-after": "3" }), response(200, { a: 1 })];
  const { result, ms } = await settle(graph.get("/x"));
  expect(result).toMatchObject({ status: 200, json: { a: 1 } });
  expect(ms).toBeGreaterThanOrEqual(3_000);
});

test("a read that is throttled for good ends within 8 seconds with the last response", async () => {
  responses = [response(429)];
  const { result, ms } = await settle(graph.get("/x"));
  expect(result).toMatchObject({ status: 429 });
  expect(ms).toBeLessThanOrEqual(8_000);
});

test.each<[string, () => Promise<Response>, RegExp]>([
  ["cannot be reached", refused, /ECONNREFUSED.*Check your network/],
  ["does not respond", hangs, /the request timed out.*Check your network/],
  ["sends more than 4 MiB", response(200, "x".repeat(4 * 1024 * 1024)), /more than 4194304 bytes/],
])("a read fails within 8 seconds with the reason if Graph %s", async (_, fetched, message) => {
  responses = [fetched];
  const { result, ms } = await settle(graph.get("/x"));
  expect(result).toMatchObject({ code: "directory_unavailable", message: expect.stringMatching(message) });
  // A turn of the fake clock can count as a millisecond.
  expect(ms).toBeLessThanOrEqual(8_010);
});

test("the token is sent to Graph only, and no redirect is followed", async () => {
  responses = [response(302, {}, { location: "https://elsewhere.example.com" })];
  await settle(graph.get("/x"));
  expect(calls.map(({ url }) => url)).toEqual([`${GRAPH}/v1.0/x`]);
  expect(calls[0]?.init).toMatchObject({ redirect: "manual", headers: { authorization: "Bearer secret" } });
});

test("nothing is sent if the token would be sent unencrypted", () => {
  const access = { url: "http://graph.example.com", signedInAs: null, tenantId: null };
  expect(() => createGraphClient(access, "secret")).toThrow("Use https");
});

test("several reads are sent in batches of 20, and answered in order", async () => {
  const paths = Array.from({ length: 45 }, (_, n) => `/${n}`);
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    calls.push({ url, init });
    const { requests } = JSON.parse(String(init.body)) as { requests: { id: string; url: string }[] };
    const parts = requests.map((request) => ({ id: request.id, status: 200, body: request.url })).reverse();
    return new Response(JSON.stringify({ responses: parts }));
  });
  const { result } = await settle(graph.getAll(paths));
  expect((result as readonly GraphResponse[]).map(({ json }) => json)).toEqual(paths);
  const sizes = calls.map(({ init }) => JSON.parse(String(init.body)).requests.length);
  expect([sizes, new Set(calls.map(({ url }) => url))]).toEqual([
    [20, 20, 5],
    new Set([`${GRAPH}/v1.0/$batch`]),
  ]);
});
