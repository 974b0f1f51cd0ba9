import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createGraphClient, type GraphResponse } from "../../cli/graph/graph-client.ts";

const GRAPH = "https://graph.example.com";
const graph = createGraphClient({ url: GRAPH, signedInAs: null, tenantId: null }, "secret");

/** What fetch was called with, and when. */
const calls: { url: string; init: RequestInit; at: number }[] = [];
/** What fetch answers next; the last answer repeats. */
let answers: (() => Promise<Response>)[];

const answer =
  (status: number, body: unknown = {}, headers: Record<string, string> = {}) =>
  async () =>
    new Response(JSON.stringify(body), { status, headers });
const refused = () => Promise.reject(new TypeError("fetch failed", { cause: new Error("ECONNREFUSED") }));
const part = (id: number, status: number, body: unknown = {}, headers = {}) => ({
  id: String(id),
  status,
  headers,
  body,
});

beforeEach(() => {
  vi.useFakeTimers();
  calls.length = 0;
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
    calls.push({ url, init, at: performance.now() });
    const next = answers.length > 1 ? answers.shift() : answers[0];
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
  const settled = promise.catch((error: Error) => error);
  await vi.runAllTimersAsync();
  return { result: await settled, ms: performance.now() - startedAt };
}
const waits = () => calls.slice(1).map(({ at }, n) => Math.round(at - (calls[n]?.at ?? 0)));

describe("one read of Graph", () => {
  test.each([429, 503, 504])("is retried after a %i, when Retry-After says", async (status) => {
    answers = [answer(status, {}, { "retry-after": "3" }), answer(200, { a: 1 })];
    expect((await settle(graph.get("/x"))).result).toMatchObject({ status: 200, body: { a: 1 } });
    expect(waits()).toEqual([3_000]);
  });

  test("supports a Retry-After date", async () => {
    const date = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 2_000);
    answers = [answer(503, {}, { "retry-after": date.toUTCString() }), answer(200)];
    await settle(graph.get("/x"));
    expect(waits()[0]).toBeGreaterThanOrEqual(2_000);
    expect(waits()[0]).toBeLessThanOrEqual(3_000);
  });

  test.each(["0", "soon", "Thu, 01 Jan 1970 00:00:00 GMT"])(
    "waits longer each time if Retry-After is %j",
    async (retryAfter) => {
      const busy = answer(503, {}, { "retry-after": retryAfter });
      answers = [busy, busy, busy, answer(200)];
      await settle(graph.get("/x"));
      expect(waits()).toEqual([200, 400, 800]);
    },
  );

  test("is retried after a broken connection", async () => {
    answers = [refused, answer(200)];
    expect((await settle(graph.get("/x"))).result).toMatchObject({ status: 200 });
  });

  test.each([200, 302, 401, 403, 404, 500])("is not retried after a %i", async (status) => {
    answers = [answer(status)];
    expect((await settle(graph.get("/x"))).result).toMatchObject({ status });
    expect(calls).toHaveLength(1);
  });

  test("ends within 8 seconds with the last answer", async () => {
    answers = [answer(429)];
    const { result, ms } = await settle(graph.get("/x"));
    expect(result).toMatchObject({ status: 429 });
    expect(ms).toBeLessThanOrEqual(8_000);
  });

  test("does not start a wait that would take longer", async () => {
    answers = [answer(429, {}, { "retry-after": "60" })];
    const { result, ms } = await settle(graph.get("/x"));
    expect([result, ms]).toEqual([expect.objectContaining({ status: 429 }), expect.any(Number)]);
    expect(calls).toHaveLength(1);
  });

  test("ends within 8 seconds with the reason if Graph cannot be reached", async () => {
    answers = [refused];
    const { result, ms } = await settle(graph.get("/x"));
    expect(result).toMatchObject({
      code: "directory_unavailable",
      message: expect.stringMatching(/ECONNREFUSED.*Check your network/),
    });
    expect(ms).toBeLessThanOrEqual(8_000);
  });

  test("ends after 8 seconds if there is no answer", async () => {
    vi.stubGlobal(
      "fetch",
      (_: string, { signal }: RequestInit) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener("abort", () => reject(signal.reason));
        }),
    );
    const { result, ms } = await settle(graph.get("/x"));
    expect(result).toMatchObject({ message: expect.stringContaining("no answer within 8 seconds") });
    expect(ms).toBe(8_000);
  });

  test("accepts answers of up to 4 MiB", async () => {
    answers = [answer(200, "x".repeat(4 * 1024 * 1024))];
    const { result } = await settle(graph.get("/x"));
    expect(result).toMatchObject({
      code: "directory_unavailable",
      message: expect.stringContaining("too large"),
    });
    expect(calls).toHaveLength(1);
  });

  test("sends the token to Graph only, and follows no redirect", async () => {
    answers = [answer(302, {}, { location: "https://elsewhere.example.com" })];
    await settle(graph.get("/x"));
    expect(calls.map(({ url }) => url)).toEqual([`${GRAPH}/v1.0/x`]);
    expect(calls[0]?.init).toMatchObject({ redirect: "manual", headers: { authorization: "Bearer secret" } });
  });

  test("is refused if the token would be sent unencrypted", () => {
    const access = { url: "http://graph.example.com", signedInAs: null, tenantId: null };
    expect(() => createGraphClient(access, "secret")).toThrow("Use https");
  });
});

describe("several reads of Graph", () => {
  const paths = (count: number) => Array.from({ length: count }, (_, n) => `/${n}`);
  const idsOf = ({ init }: { init: RequestInit }) =>
    JSON.parse(String(init.body)).requests.map(({ id }: { id: string }) => Number(id));
  const batch = (...responses: unknown[]) => answer(200, { responses });

  test("are sent in batches of 20, and answered in order", async () => {
    vi.stubGlobal("fetch", async (_: string, init: RequestInit) => {
      const requests: { id: string; url: string }[] = JSON.parse(String(init.body)).requests;
      calls.push({ url: _, init, at: 0 });
      const responses = requests.map(({ id, url }) => part(Number(id), 200, url)).reverse();
      return new Response(JSON.stringify({ responses }));
    });
    const { result } = await settle(graph.getAll(paths(45)));
    expect((result as readonly GraphResponse[]).map(({ body }) => body)).toEqual(paths(45));
    expect(calls.map((call) => idsOf(call).length)).toEqual([20, 20, 5]);
    expect(new Set(calls.map(({ url }) => url))).toEqual(new Set([`${GRAPH}/v1.0/$batch`]));
  });

  test("that were throttled are retried, and no others", async () => {
    answers = [
      batch(part(0, 200, "a"), part(1, 429, {}, { "Retry-After": "2" }), part(2, 404)),
      batch(part(1, 200, "b")),
    ];
    const { result } = await settle(graph.getAll(paths(3)));
    expect(result).toMatchObject([{ body: "a" }, { body: "b" }, { status: 404 }]);
    expect(calls.map(idsOf)).toEqual([[0, 1, 2], [1]]);
    expect(waits()).toEqual([2_000]);
  });

  test("keep their last answer if throttling does not end", async () => {
    answers = [batch(part(0, 200), part(1, 429))];
    expect((await settle(graph.getAll(paths(2)))).result).toMatchObject([{ status: 200 }, { status: 429 }]);
  });

  test.each([
    ["is throttled for good", answer(429), "directory_unavailable"],
    ["is forbidden", answer(403), "directory_access_denied"],
    ["fails", answer(500), "directory_unavailable"],
    ["does not come", refused, "directory_unavailable"],
  ])("fail if the batch %s", async (_, whole, code) => {
    answers = [whole];
    expect((await settle(graph.getAll(paths(2)))).result).toMatchObject({ code });
  });

  test.each([{}, { responses: 5 }, { responses: [null, { id: 0, status: 200 }, { id: "0" }] }])(
    "without an answer of their own count as 502: %j",
    async (body) => {
      answers = [answer(200, body)];
      expect((await settle(graph.getAll(paths(1)))).result).toMatchObject([{ status: 502 }]);
    },
  );
});
