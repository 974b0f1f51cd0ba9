import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type GraphAnswer, UnreadableAnswerError } from "../../src/adapters/graph/graph-client.ts";
import type { GraphRead } from "../../src/adapters/graph/graph-read.ts";
import { callWithRetry } from "../../src/adapters/graph/retry.ts";
import { TooLargeError } from "../../src/adapters/lib/response-text.ts";
import { DependencyError } from "../../src/domain/dependency-error.ts";
import { RateLimitError } from "../../src/domain/rate-limit-error.ts";

// The clock stands still, so that each deadline is exact; only the waits between attempts take time.

const NOW = 1_000_000;
const offline = new Error("Graph could not be reached");
const answer = (status: number, retryAfter: string | null = null): GraphAnswer => ({
  status,
  retryAfter,
  json: undefined,
});

beforeEach(() => {
  vi.spyOn(performance, "now").mockReturnValue(NOW);
  vi.spyOn(Math, "random").mockReturnValue(0);
});
afterEach(() => void vi.restoreAllMocks());

/** Reads with this time left, while Graph gives these answers, the last one again and again. */
async function reading(
  answers: readonly (GraphAnswer | Error)[],
  {
    timeLeft = 60_000,
    count,
    acquire = () => {},
  }: { timeLeft?: number; count?: () => number; acquire?: () => void } = {},
) {
  const log: string[] = [];
  const controller = new AbortController();
  const read: GraphRead = {
    deadline: NOW + timeLeft,
    rateLimit: {
      acquire: () => {
        log.push("acquire");
        acquire();
      },
      markSent: (sent = 1) => void log.push(`send ${sent}`),
      remaining: () => 100,
    },
    signal: controller.signal,
    progress: { attempts: 0 },
    readAt: new Date(0),
    requestedAt: 0,
  };
  const call = async (onSend: () => void) => {
    onSend();
    const given = answers[Math.min(read.progress.attempts, answers.length) - 1] as GraphAnswer | Error;
    if (given instanceof Error) throw given;
    return given;
  };
  const result = await callWithRetry(call, read, count).then(
    ({ status }) => status,
    (error: unknown) => error,
  );
  return { result, log, ...read.progress, read };
}

describe("a response", () => {
  test.each([200, 400, 401, 403, 404, 500, 502])("with %i is conclusive", async (status) => {
    const { result, attempts, lastFailure } = await reading([answer(status)]);
    expect([result, attempts, lastFailure]).toEqual([status, 1, undefined]);
  });

  test.each([429, 503, 504])("with %i is retried, and what comes then counts", async (status) => {
    const { result, attempts, lastFailure } = await reading([answer(status), answer(200)]);
    expect([result, attempts, lastFailure]).toEqual([200, 2, undefined]);
  });
});

describe("an error", () => {
  test.each([
    ["a broken connection", offline],
    ["a response that was cut off", new UnreadableAnswerError(new Error("terminated"))],
  ])("is retried: %s", async (_, error) => {
    const { result, attempts, lastFailure } = await reading([error, answer(404)]);
    expect([result, attempts, lastFailure]).toEqual([404, 2, undefined]);
  });

  test.each([
    ["no access token", new DependencyError("directory_unavailable", "no token")],
    ["a spent rateLimit", new RateLimitError(1_000)],
    ["a response that is too large", new UnreadableAnswerError(new TooLargeError("too large"))],
  ])("is final: %s", async (_, error) => {
    const { result, log } = await reading([error, answer(200)]);
    expect([result, log]).toEqual([error, ["send 1"]]);
  });
});

describe("the wait before an attempt", () => {
  // The least backoff is half of the most: 50, 100, 200 ms.
  test.each<[string, number, (GraphAnswer | Error)[], timeLeft: number, attempts: number]>([
    ["a first backoff of 50 ms", 0, [answer(503)], 50, 1],
    ["a first backoff of 50 ms", 0, [answer(503)], 51, 2],
    ["a first backoff of 100 ms", 1, [answer(503)], 100, 1],
    ["a first backoff of 100 ms", 1, [answer(503)], 101, 2],
    ["a second backoff of 100 ms", 0, [offline], 100, 2],
    ["a second backoff of 100 ms", 0, [offline], 101, 3],
    ["a second backoff of 200 ms", 1, [offline], 200, 2],
    ["a second backoff of 200 ms", 1, [offline], 201, 3],
    ["a Retry-After of 2 s", 0, [answer(429, "2"), answer(200)], 2_000, 1],
    ["a Retry-After of 0, which is no tight loop", 0, [answer(429, "0")], 50, 1],
    ["a malformed Retry-After", 0, [answer(429, "soon"), answer(200)], 51, 2],
  ])("%s (random: %d)", async (_, random, answers, timeLeft, attempts) => {
    vi.mocked(Math.random).mockReturnValue(random);
    const last = answers[Math.min(attempts, answers.length) - 1];
    expect(await reading(answers, { timeLeft })).toMatchObject({
      result: last instanceof Error ? last : last?.status,
      attempts,
    });
  });

  test("is waited for", async () => {
    vi.mocked(performance.now).mockRestore();
    const startedAt = performance.now();
    vi.spyOn(performance, "now").mockReturnValue(NOW);
    expect(await reading([answer(429, "1"), answer(200)])).toMatchObject({ result: 200 });
    vi.mocked(performance.now).mockRestore();
    // A timer may be a millisecond early.
    expect(performance.now() - startedAt).toBeGreaterThan(995);
  });

  test("ends with the read", async () => {
    const controller = new AbortController();
    const over = new Error("No response within 5000 ms");
    const { read } = await reading([answer(200)]);
    const retrying = callWithRetry(async () => answer(429, "30"), { ...read, signal: controller.signal });
    setTimeout(() => controller.abort(over), 10);
    await expect(retrying).rejects.toBe(over);
  });
});

test("after the deadline, an error is the deadline's, and why the attempt before failed is kept", async () => {
  const over = new Error("No response within 5000 ms");
  const { read, log } = await reading([answer(200)]);
  const late = { ...read, signal: AbortSignal.abort(over), progress: { attempts: 1, lastFailure: "before" } };
  await expect(callWithRetry(() => Promise.reject(offline), late)).rejects.toBe(over);
  expect([late.progress.lastFailure, log]).toEqual(["before", ["send 1"]]);
});

test("a response that has arrived counts, even after the deadline", async () => {
  const { read } = await reading([answer(200)]);
  const late = { ...read, signal: AbortSignal.abort() };
  expect(await callWithRetry(async () => answer(404), late)).toMatchObject({ status: 404 });
});

describe("a retry", () => {
  test("is taken from the rateLimit before its wait, for each request that it repeats", async () => {
    let pending = 3;
    const count = () => pending;
    const acquire = () => {
      pending = 2;
    };
    const { log } = await reading([answer(503), answer(200)], { count, acquire });
    expect(log).toEqual(["send 3", "acquire", "acquire", "acquire", "send 2"]);
  });

  test("is not made if the rateLimit is spent", async () => {
    const spent = new RateLimitError(1_000);
    const acquire = () => {
      throw spent;
    };
    const { result, log, lastFailure } = await reading([answer(503), answer(200)], { acquire });
    expect([result, log]).toEqual([spent, ["send 1", "acquire"]]);
    expect(lastFailure).toEqual(new Error("Graph returned 503"));
  });

  test.each([
    ["the error", offline, offline],
    ["the status", answer(504), new Error("Graph returned 504")],
  ])("remembers %s that it followed, until Graph has recovered", async (_, failed, remembered) => {
    const spent = new RateLimitError(1_000);
    expect((await reading([failed, spent])).lastFailure).toEqual(remembered);
    expect((await reading([failed, answer(200)])).lastFailure).toBeUndefined();
  });
});

test("the times of a read are those of its last request", async () => {
  const { read } = await reading([answer(200)]);
  expect(read.requestedAt).toBe(NOW);
  expect(Math.abs(read.readAt.getTime() - Date.now())).toBeLessThan(60_000);
});
