import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  type CallGraph,
  type ReadProgress,
  UnreadableResponseError,
} from "../../src/adapters/graph/graph-client.ts";
import { withGraph } from "../../src/adapters/graph/graph-requests.ts";
import { TooLargeError } from "../../src/adapters/lib/http-response.ts";
import { TimeoutError } from "../../src/adapters/lib/timeout.ts";
import { systemClock as clock } from "../../src/adapters.ts";
import { DependencyError } from "../../src/domain/dependency-error.ts";
import { RateLimitError, unlimited } from "../../src/domain/graph-reading.ts";
import { limited } from "../support/graph-replies.ts";

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(1);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

interface Part {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}
type Reply = Part | Error | "hangs";
/** What Graph replies to one path, or to several in a batch, the n-th time that it is called. */
type World = (paths: readonly string[], n: number) => Reply;

const offline = new Error("Graph could not be reached");
const cutOff = new UnreadableResponseError(new Error("terminated"));
const tooLarge = new UnreadableResponseError(new TooLargeError("more than 4194304 bytes"));
const ok = { status: 200 };
const retryIn = (status: number, retryAfter: string): Part => ({
  status,
  headers: { "Retry-After": retryAfter },
});

/** A batch's response with these parts. Graph responds in any order. */
const parts = (paths: readonly string[], of: (path: string) => Part | undefined): Part => {
  const responses = paths.flatMap((path, n) => {
    const part = of(path);
    return part === undefined ? [] : [{ id: String(n), ...part }];
  });
  return { status: 200, body: { responses: responses.reverse() } };
};
/** Requests the paths in the same turn: what was sent, in which waits, and what became of each path. */
async function request(paths: string, world: World, { timeoutMs = 5_000, rateLimit = unlimited } = {}) {
  const sent: string[] = [];
  const times: number[] = [];
  const callGraph: CallGraph = async ({ path, body }, _signal, progress) => {
    progress.attempts++;
    const { requests } = (body ?? { requests: [{ url: path }] }) as { requests: { url: string }[] };
    const urls = requests.map(({ url }) => url);
    times.push(clock.elapsed());
    expect(path === "/$batch").toBe(urls.length > 1);
    const reply = world(urls, sent.push(urls.join("")) - 1);
    if (reply === "hangs") return await new Promise(() => {});
    if (reply instanceof Error) throw reply;
    const { status, headers, body: json } = reply;
    return {
      status,
      retryAfter: headers?.["Retry-After"] ?? null,
      json,
      readAt: clock.now(),
      requestedAt: 0,
    };
  };
  const progress: ReadProgress = { attempts: 0 };
  const results = new Map<string, unknown>();
  const limits = { deadline: clock.elapsed() + timeoutMs, rateLimit };
  const work = withGraph(callGraph, clock, limits, 0, progress, (get) =>
    Promise.all(
      [...paths].map((path) =>
        get(path).then(
          ({ status }) => results.set(path, status),
          (error) => results.set(path, error),
        ),
      ),
    ),
  ).catch((error) => {
    for (const path of paths) if (!results.has(path)) results.set(path, error);
  });
  await vi.runAllTimersAsync();
  await work;
  const waits = times.slice(1).map((at, n) => Math.round(at - (times[n] ?? 0)));
  return { sent, waits, results: [...paths].map((path) => results.get(path)), progress };
}

describe("one path", () => {
  test.each([200, 302, 400, 401, 403, 404, 500, 502])("is conclusive with %i", async (status) => {
    const { sent, results, progress } = await request("a", () => ({ status }));
    expect([sent, results, progress]).toEqual([["a"], [status], { attempts: 1 }]);
  });

  test.each<[string, Reply]>([
    ["429", { status: 429 }],
    ["503", { status: 503 }],
    ["504", { status: 504 }],
    ["a broken connection", offline],
    ["a response that was cut off", cutOff],
  ])("is retried after %s, and what comes then counts", async (_, reply) => {
    const { sent, results, progress } = await request("a", (_paths, n) =>
      n === 0 ? reply : { status: 404 },
    );
    expect([sent, results, progress]).toEqual([["a", "a"], [404], { attempts: 2 }]);
  });

  test.each([
    ["without an access token", new DependencyError("directory_unavailable", "no token")],
    ["if the response is too large", tooLarge],
  ])("is not retried %s", async (_, error) => {
    const { sent, results } = await request("a", () => error);
    expect([sent, results]).toEqual([["a"], [error]]);
  });

  test("that gets no response fails at its deadline, with what the attempt before met", async () => {
    const { results, progress } = await request("a", (_, n) => (n === 0 ? { status: 503 } : "hangs"));
    expect(results).toEqual([new TimeoutError("No response within 5000 ms")]);
    expect(progress).toEqual({ attempts: 2, lastFailure: new Error("Graph returned 503") });
  });
});

describe("the wait before a retry", () => {
  test.each<[string, Reply, random: number, timeoutMs: number, waits: number[]]>([
    ["doubles each time", { status: 503 }, 1, 1_000, [100, 200, 400]],
    ["is random in its half", offline, 0, 500, [50, 100, 200]],
    ["ends before the deadline", { status: 503 }, 1, 100, []],
    ["may end just before it", { status: 503 }, 1, 101, [100]],
    ["is as long as Graph asks for", retryIn(429, "2"), 1, 6_000, [2_000, 2_000]],
    ["is not begun if it is too long", retryIn(429, "2"), 1, 2_000, []],
    ["is not zero if Graph asks for none", retryIn(429, "0"), 1, 301, [100, 200]],
    ["does not need a valid Retry-After", retryIn(429, "soon"), 1, 301, [100, 200]],
  ])("%s", async (_, reply, random, timeoutMs, waits) => {
    vi.mocked(Math.random).mockReturnValue(random);
    const { waits: waited, results } = await request("a", () => reply, { timeoutMs });
    expect(waited).toEqual(waits);
    expect(results).toEqual([reply instanceof Error ? reply : (reply as Part).status]);
  });
});

test("the wait before a retry ends at the date for which Graph asks", async () => {
  const date = () => new Date(Date.now() + 2_000).toUTCString();
  const { waits } = await request("a", (_, n) => (n === 0 ? retryIn(429, date()) : ok));
  // A date has whole seconds.
  expect(waits[0]).toBeGreaterThan(1_000);
  expect(waits[0]).toBeLessThanOrEqual(2_000);
});

describe("paths of the same turn", () => {
  test("are parts of one request, and each has its own response", async () => {
    const world: World = (paths) => parts(paths, (path) => (path === "b" ? { status: 404 } : ok));
    expect(await request("abc", world)).toMatchObject({ sent: ["abc"], results: [200, 404, 200] });
  });

  test("are at most 20 in one batch", async () => {
    const { sent, results } = await request("abcdefghijklmnopqrstuvwxyz", (paths) => parts(paths, () => ok));
    expect(sent).toEqual(["abcdefghijklmnopqrst", "uvwxyz"]);
    expect(results).toEqual(Array(26).fill(200));
  });

  const malformed = {
    status: 200,
    body: { responses: [{ status: 200 }, { id: "0" }, null, { id: 1, status: 200 }] },
  };
  const twice = (paths: readonly string[]): Part => {
    const { responses } = parts(paths, () => ok).body as { responses: unknown[] };
    return { status: 200, body: { responses: [...responses, ...responses] } };
  };
  test.each<[string, World]>([
    ["too large", () => tooLarge],
    ["cut off", () => cutOff],
    ["not JSON", () => ({ status: 200 })],
    ["not a batch response", () => ({ status: 200, body: { responses: {} } })],
    ["without a part", (paths) => parts(paths, () => undefined)],
    ["one with parts that lack an id or a status", () => malformed],
    ["one with two parts of one id", twice],
    ["400", () => ({ status: 400 })],
    ["400 with parts", (paths) => ({ ...parts(paths, () => ok), status: 400 })],
    ["404", () => ({ status: 404 })],
    ["a redirection", () => ({ status: 302 })],
  ])("are requested one by one if the response to the batch is %s", async (_, batch) => {
    const world: World = (paths, n) => (n === 0 ? batch(paths, n) : paths[0] === "b" ? tooLarge : ok);
    expect(await request("abc", world)).toMatchObject({
      sent: ["abc", "a", "b", "c"],
      results: [200, tooLarge, 200],
    });
  });

  test("that a batch leaves out are requested alone, and no others", async () => {
    const world: World = (paths) =>
      paths.length === 1 ? ok : parts(paths, (path) => (path === "b" ? undefined : ok));
    expect(await request("abc", world)).toMatchObject({ sent: ["abc", "b"], results: [200, 200, 200] });
  });

  test.each([401, 403, 500, 502])("have all the response %i of a whole batch", async (status) => {
    expect(await request("abc", () => ({ status }))).toMatchObject({
      sent: ["abc"],
      results: [status, status, status],
    });
  });

  test.each([429, 503, 504])(
    "have all the response %i of a batch that is throttled too long",
    async (status) => {
      expect(await request("abc", () => retryIn(status, "60"))).toMatchObject({
        sent: ["abc"],
        results: [status, status, status],
      });
    },
  );

  test.each<[string, Reply, unknown]>([
    ["can't be reached", offline, offline],
    ["never responds", "hangs", new TimeoutError("No response within 300 ms")],
  ])("fail all if Graph %s, and are never requested one by one", async (_, reply, error) => {
    const { sent, results } = await request("abc", () => reply, { timeoutMs: 300 });
    expect(new Set(sent)).toEqual(new Set(["abc"]));
    expect(results).toEqual([error, error, error]);
  });
});

describe("throttled parts of a batch", () => {
  test("are requested again, and no others, after the longest wait that Graph asks for", async () => {
    const throttled: Record<string, Part> = { a: retryIn(503, "1"), b: retryIn(429, "2") };
    const world: World = (paths, n) => parts(paths, (path) => (n === 0 ? (throttled[path] ?? ok) : ok));
    expect(await request("abc", world)).toMatchObject({
      sent: ["abc", "ab"],
      waits: [2_000],
      results: [200, 200, 200],
    });
  });

  test("are requested again as a plain request, if there is one", async () => {
    const world: World = (paths, n) =>
      n > 0 ? ok : parts(paths, (path) => (path === "b" ? retryIn(503, "0") : ok));
    expect(await request("abc", world)).toMatchObject({ sent: ["abc", "b"], results: [200, 200, 200] });
  });

  test("hold up no other: a hanging retry fails alone", async () => {
    const world: World = (paths, n) =>
      n > 0 ? "hangs" : parts(paths, (path) => (path === "b" ? { status: 503 } : ok));
    const { results } = await request("abc", world);
    expect(results).toEqual([200, new TimeoutError("No response within 5000 ms"), 200]);
  });

  test("fail at once and on their own if they would have to wait too long", async () => {
    const throttled: Record<string, Part> = { a: retryIn(429, "3600"), b: retryIn(503, "0") };
    const world: World = (paths, n) => (n > 0 ? ok : parts(paths, (path) => throttled[path] ?? ok));
    expect(await request("abc", world)).toMatchObject({ sent: ["abc", "b"], results: [429, 200, 200] });
  });
});

describe("requests beyond the first are acquired before they are sent", () => {
  const spent = expect.any(RateLimitError);
  test.each<[string, World, left: number, sent: string[], results: unknown[]]>([
    [
      "each path of a batch that is split",
      (paths) => (paths.length > 1 ? tooLarge : ok),
      2,
      ["abc", "a", "b"],
      [200, 200, spent],
    ],
    [
      "each part of a batch that is retried",
      (paths) => parts(paths, (path) => (path === "b" ? ok : { status: 503 })),
      1,
      ["abc"],
      [spent, 200, spent],
    ],
    [
      "each path of a whole batch that is retried",
      () => ({ status: 503 }),
      5,
      ["abc", "abc"],
      [spent, spent, spent],
    ],
  ])("%s", async (_, world, left, sent, results) => {
    expect(await request("abc", world, { rateLimit: limited(left) })).toMatchObject({ sent, results });
  });

  test("the retry of one path, and why it was retried is kept", async () => {
    const { sent, results, progress } = await request("a", () => offline, { rateLimit: limited(1) });
    expect([sent, results, progress.lastFailure]).toEqual([["a", "a"], [spent], offline]);
  });
});
