import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  type CacheSettings,
  cachedDirectory,
  type StartReads,
} from "../../src/adapters/graph/cached-directory.ts";
import type { ReadProgress } from "../../src/adapters/graph/graph-client.ts";
import { type ApiApplication, type Application, indexApplication } from "../../src/domain/application.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { DependencyError } from "../../src/domain/dependency-error.ts";
import {
  type ApplicationSnapshot,
  type GraphRateLimit,
  RateLimitError,
  unlimited,
} from "../../src/domain/graph-reading.ts";
import type { ApplicationDirectory } from "../../src/domain/ports.ts";
import { AGENT, api, CLIENT } from "../support/app-registration.ts";
import { limited } from "../support/graph-replies.ts";
import { isGarbage } from "../support/is-garbage.ts";

const agent = AGENT as ClientId;
const client = CLIENT as ClientId;
const listed = api() as ApiApplication;
const notListed = api({ preAuthorizedApplications: [] }) as ApiApplication;
const T0 = 1_000_000;
const unavailable = new DependencyError("directory_unavailable", "Graph returned 503", {
  attempts: 3,
  retryAfterSeconds: 17,
});

let now: number;
let api_: ApiApplication | "fails";
/** When Graph was asked, in milliseconds from the start of the test. */
let asked: number[];
/** Set to hold Graph's answers back until it is called. */
let answer: (() => void) | undefined;
/** Which agents the directory was asked for together. */
let manyAsked: (readonly ClientId[])[];
let directory: ApplicationDirectory;

type Read = (
  agent: ClientId,
  rateLimit: GraphRateLimit,
  progress: ReadProgress,
) => Promise<ApplicationSnapshot>;
const graph =
  (held = false): Read =>
  async (_agent, _rateLimit, progress) => {
    const requestedAt = now;
    asked.push(now - T0);
    progress.attempts++;
    if (held) await new Promise<void>((resolve) => (answer = resolve));
    if (api_ === "fails") throw unavailable;
    return snapshotOf(indexApplication(api_), requestedAt);
  };
const snapshotOf = (application: Application, requestedAt: number): ApplicationSnapshot => ({
  identity: { kind: "application", application },
  readAt: new Date(requestedAt),
  requestedAt,
  digest: "sha256:",
  source: "graph",
  attempts: 1,
});
/** The time limit of the last reads. */
let deadline: number;
const cacheOf = (read: Read, settings: Partial<CacheSettings> = {}) => {
  const start: StartReads<ApplicationSnapshot> = (agents, limits) => {
    limits.rateLimit.acquire(agents.length);
    deadline = limits.deadline;
    if (agents.length > 1) manyAsked.push(agents);
    return agents.map((which) => {
      const progress: ReadProgress = { attempts: 0 };
      return { result: read(which, limits.rateLimit, progress), progress };
    });
  };
  const clock = { elapsed: () => now };
  return cachedDirectory(start, clock, { cacheSeconds: 60, timeoutMs: 5_000, maxEntries: 10, ...settings });
};

/** A client's request, as `authorize` makes it: no denial rests on a reading that is more than a second old. */
async function asks(
  who = client,
  which = agent,
  rateLimit = unlimited,
): Promise<{ allowed: boolean; source: string; attempts: number }> {
  const limits = { deadline: now + 5_000, rateLimit };
  const notBefore = now - 1_000;
  const allows = ({ identity }: ApplicationSnapshot) =>
    identity?.application?.preAuthorized.get(who) === true;
  const reading = await directory.read(which, limits);
  if (allows(reading) || reading.requestedAt >= notBefore) {
    return { allowed: allows(reading), source: reading.source, attempts: reading.attempts };
  }
  const newer = await directory.read(which, limits, notBefore);
  return {
    allowed: allows(newer),
    source: newer.source,
    attempts: reading.attempts + newer.attempts,
  };
}
beforeEach(() => {
  now = T0;
  api_ = listed;
  asked = [];
  manyAsked = [];
  directory = cacheOf(graph());
});

describe("a reading", () => {
  test("allows a client until it is 60 s old", async () => {
    await asks();
    now = T0 + 59_999;
    expect(await asks()).toEqual({ allowed: true, source: "cache", attempts: 0 });
    now = T0 + 60_000;
    expect(await asks()).toEqual({ allowed: true, source: "graph", attempts: 1 });
    expect(asked).toEqual([0, 60_000]);
  });

  test("denies from the cache while it is at most one second old", async () => {
    api_ = notListed;
    await asks();
    now = T0 + 1_000;
    expect(await asks()).toEqual({ allowed: false, source: "cache", attempts: 0 });
    expect(asked).toEqual([0]);
  });

  test("is read again before it denies, once it is older than a second: a new grant works", async () => {
    api_ = notListed;
    await asks();
    api_ = listed;
    now = T0 + 1_001;
    expect(await asks()).toEqual({ allowed: true, source: "graph", attempts: 1 });
  });

  test("replaces an older one at once for all requests: a revocation that one request sees denies all", async () => {
    const other = "c11e0000-0000-4000-8000-0000000000ff" as ClientId;
    await asks();
    api_ = notListed;
    now = T0 + 5_000;
    expect((await asks()).allowed).toBe(true);
    expect((await asks(other)).allowed).toBe(false);
    now = T0 + 5_500;
    expect((await asks()).allowed).toBe(false);
    expect(asked).toEqual([0, 5_000]);
  });
});

describe("a request that needs a reading from a certain time or later", () => {
  const limits = { deadline: T0 + 10_000, rateLimit: unlimited };

  test.each([
    ["gets a cached reading that was requested then", T0, "cache", [0]],
    ["gets no reading that was requested before", T0 + 1, "graph", [0, 2_000]],
  ])("%s", async (_, notBefore, source, times) => {
    await asks();
    now = T0 + 2_000;
    expect(await directory.read(agent, limits, notBefore)).toMatchObject({ source });
    expect(asked).toEqual(times);
  });

  test.each([
    ["gets a reading that others requested then and are waiting for", T0, 1, [0]],
    ["reads again after one that others asked for before", T0 + 1, 2, [0, 2_000]],
  ])("%s", async (_, notBefore, attempts, times) => {
    directory = cacheOf(graph(true));
    const early = asks();
    now = T0 + 2_000;
    const late = directory.read(agent, limits, notBefore);
    answer?.();
    await early;
    await expect.poll(() => asked).toEqual(times);
    answer?.();
    expect(await late).toMatchObject({ source: "graph", attempts });
  });
});

describe("a failed read", () => {
  test("is a failure, not a denial, for a client that an old reading denies", async () => {
    api_ = notListed;
    await asks();
    api_ = "fails";
    now = T0 + 2_000;
    await expect(asks()).rejects.toMatchObject({ code: "directory_unavailable", attempts: 3 });
  });

  test("is not repeated within a second: 503 at once, while allowed clients are served", async () => {
    const other = "c11e0000-0000-4000-8000-0000000000ff" as ClientId;
    await asks();
    api_ = "fails";
    now = T0 + 2_000;
    await expect(asks(other)).rejects.toThrow(DependencyError);
    now = T0 + 2_999;
    await expect(asks(other)).rejects.toMatchObject({
      code: "directory_unavailable",
      message: "The last read of the application, less than a second ago, failed",
      cause: unavailable,
      retryAfterSeconds: 17,
      attempts: 0,
    });
    expect(await asks()).toEqual({ allowed: true, source: "cache", attempts: 0 });
    expect(asked).toEqual([0, 2_000]);
    now = T0 + 3_000;
    await expect(asks(other)).rejects.toThrow(DependencyError);
    expect(asked).toEqual([0, 2_000, 3_000]);
  });

  test("counts even if it is the first read", async () => {
    api_ = "fails";
    await expect(asks()).rejects.toThrow(DependencyError);
    api_ = listed;
    now = T0 + 999;
    await expect(asks()).rejects.toMatchObject({ code: "directory_unavailable" });
    now = T0 + 1_000;
    expect((await asks()).allowed).toBe(true);
  });

  test("keeps its code: access denied is not the same as no answer", async () => {
    directory = cacheOf(() => Promise.reject(new DependencyError("directory_access_denied", "403")));
    await expect(asks()).rejects.toMatchObject({ code: "directory_access_denied" });
    await expect(asks()).rejects.toMatchObject({ code: "directory_access_denied" });
  });

  test("includes defects of the directory", async () => {
    const defect = Object.assign(new TypeError("undefined is not a function"), { code: "no code of ours" });
    directory = cacheOf(() => Promise.reject(defect));
    await expect(asks()).rejects.toBe(defect);
    await expect(asks()).rejects.toMatchObject({
      code: "directory_unavailable",
      message: "The last read of the application, less than a second ago, failed",
      retryAfterSeconds: 1,
    });
  });
});

describe("requests at the same time", () => {
  beforeEach(() => {
    directory = cacheOf(graph(true));
  });

  test("share one read", async () => {
    const answers = Promise.all(Array.from({ length: 100 }, () => asks()));
    answer?.();
    expect(new Set((await answers).map(({ allowed }) => allowed))).toEqual(new Set([true]));
    expect(asked).toEqual([0]);
  });

  test("share one failure", async () => {
    api_ = "fails";
    const answers = Promise.allSettled(Array.from({ length: 100 }, () => asks()));
    answer?.();
    expect(new Set((await answers).map(({ status }) => status))).toEqual(new Set(["rejected"]));
    expect(asked).toEqual([0]);
  });

  test("a read that started more than a second ago can allow a late client, but not deny it", async () => {
    api_ = notListed;
    const early = asks();
    now = T0 + 1_500;
    const late = asks();
    answer?.();
    expect((await early).allowed).toBe(false);
    await expect.poll(() => asked).toEqual([0, 1_500]);
    api_ = listed;
    answer?.();
    expect(await late).toEqual({ allowed: true, source: "graph", attempts: 2 });
  });
});

test("a read that took longer than the cache time still serves those that waited for it", async () => {
  directory = cacheOf(graph(true), { cacheSeconds: 1 });
  const asking = asks();
  now = T0 + 2_000;
  answer?.();
  expect(await asking).toEqual({ allowed: true, source: "graph", attempts: 1 });
  expect(asked).toEqual([0]);
});

describe("a caller's wait is bounded, however many reads it shares", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
  afterEach(() => void vi.useRealTimers());
  const limits = (ms: number) => ({ deadline: now + ms, rateLimit: unlimited });
  const hangs: Read = (_agent, _rateLimit, progress) => {
    progress.attempts += 3;
    return new Promise(() => {});
  };
  /** What became of it after so many milliseconds. */
  async function outcomeAfter<T>(ms: number, waiting: Promise<T>): Promise<T | "waiting"> {
    waiting.catch(() => {});
    await vi.advanceTimersByTimeAsync(ms);
    await new Promise(setImmediate);
    return await Promise.race([waiting, Promise.resolve("waiting" as const)]);
  }

  test("after its deadline it fails with directory_unavailable, and counts the attempts", async () => {
    directory = cacheOf(hangs);
    const waiting = directory.read(agent, limits(4_000));
    expect(await outcomeAfter(4_000, waiting)).toBe("waiting");
    await expect(outcomeAfter(1, waiting)).rejects.toMatchObject({
      code: "directory_unavailable",
      message: "Microsoft Graph returned no usable response",
      cause: { message: "No response within 5000 ms" },
      attempts: 3,
    });
    const failure = new Error("Graph returned 503");
    directory = cacheOf((...read) => {
      read[2].lastFailure = failure;
      return hangs(...read);
    });
    await expect(outcomeAfter(5_001, directory.read(agent, limits(5_000)))).rejects.toMatchObject({
      cause: { cause: failure },
    });
  });

  test("of many at once too", async () => {
    directory = cacheOf(hangs);
    const results = await outcomeAfter(2, directory.readMany([agent], limits(1)));
    expect(results).toMatchObject([{ reason: { code: "directory_unavailable", attempts: 3 } }]);
  });

  test("and after its deadline it begins none, and pays for none", async () => {
    const late = { deadline: now, rateLimit: limited(0) };
    await expect(directory.read(agent, late)).rejects.toMatchObject({ code: "directory_unavailable" });
    expect(await directory.readMany([agent], late)).toMatchObject([
      { reason: { code: "directory_unavailable", attempts: 0 } },
    ]);
    expect(asked).toEqual([]);
  });

  test("a read continues for later callers: its time limit counts from its start", async () => {
    const { promise, resolve } = Promise.withResolvers<ApplicationSnapshot>();
    directory = cacheOf(() => promise);
    await expect(outcomeAfter(101, directory.read(agent, limits(100)))).rejects.toBeInstanceOf(
      DependencyError,
    );
    expect(deadline).toBe(T0 + 5_000);
    const late = directory.read(agent, limits(100));
    resolve(snapshotOf(indexApplication(listed), now));
    expect(await late).toMatchObject({ source: "graph" });
  });
});

describe("the caller pays", () => {
  test("for a read that it starts, and for nothing that is cached", async () => {
    const rateLimit = limited(1, 2_500);
    await asks(client, agent, rateLimit);
    now = T0 + 30_000;
    expect(await asks(client, agent, rateLimit)).toMatchObject({ source: "cache" });
    now = T0 + 60_000;
    await expect(asks(client, agent, rateLimit)).rejects.toMatchObject({ retryAfterSeconds: 3 });
    expect(asked).toEqual([0]);
  });

  test("nothing for a read that others started", async () => {
    directory = cacheOf(graph(true));
    const one = asks();
    const two = asks(client, agent, limited(0));
    answer?.();
    expect([(await one).allowed, (await two).allowed]).toEqual([true, true]);
  });

  test("and one that cannot pay fails alone: the agent counts as not requested", async () => {
    await expect(asks(client, agent, limited(0))).rejects.toBeInstanceOf(RateLimitError);
    expect(await asks()).toEqual({ allowed: true, source: "graph", attempts: 1 });
  });

  const met = new DependencyError("directory_unavailable", "Graph returned 503");
  test.each<[string, unknown, reads: number, object]>([
    [
      "those who joined the read begin it anew",
      undefined,
      2,
      { status: "fulfilled", value: { allowed: true, source: "graph", attempts: 2 } },
    ],
    [
      "if Graph had failed before, that is a failed read to those who joined it, and no other begins within the second",
      met,
      1,
      { status: "rejected", reason: { code: "directory_unavailable", cause: met } },
    ],
  ])("and where its limit is spent in the middle of a read, %s", async (_, cause, reads, outcome) => {
    const poor = new RateLimitError(1_000, 1, cause);
    const { promise, reject } = Promise.withResolvers<ApplicationSnapshot>();
    let started = 0;
    directory = cacheOf(async (which, rateLimit, progress) => {
      if (++started > 1) return await graph()(which, rateLimit, progress);
      progress.attempts++;
      return await promise;
    });
    const beginner = asks();
    const joined = Promise.allSettled([asks(), asks()]);
    reject(poor);
    await expect(beginner).rejects.toBe(poor);
    expect(await joined).toMatchObject([outcome, outcome]);
    expect(started).toBe(reads);
  });

  test("and an earlier reading stays cached if a later read could not be paid for completely", async () => {
    const poor = new RateLimitError(1_000);
    let fails = false;
    directory = cacheOf(async (...read) => {
      if (fails) throw poor;
      return await graph()(...read);
    });
    await asks();
    fails = true;
    now = T0 + 30_000;
    await expect(directory.read(agent, { deadline: now + 5_000, rateLimit: unlimited }, now)).rejects.toBe(
      poor,
    );
    fails = false;
    await asks(client, "a9e17000-0000-4000-8000-000000000001" as ClientId);
    expect(await asks()).toMatchObject({ source: "cache" });
  });

  test("for many at once, or for none", async () => {
    const agents = [1, 2, 3].map((n) => `a9e17000-0000-4000-8000-00000000000${n}` as ClientId);
    await asks(client, agents[0]);
    const read = (reads: number) =>
      directory.readMany(agents, { deadline: now + 5_000, rateLimit: limited(reads) });
    await expect(read(1)).rejects.toBeInstanceOf(RateLimitError);
    expect(manyAsked).toEqual([]);
    expect((await read(2)).map(({ status }) => status)).toEqual(Array(3).fill("fulfilled"));
    expect(manyAsked).toEqual([[agents[1], agents[2]]]);
  });
});

describe("memory is bounded", () => {
  const [one, two, three, four, five] = ["1", "2", "3", "4", "5"].map(
    (n) => `a9e17000-0000-4000-8000-00000000000${n}` as ClientId,
  ) as [ClientId, ClientId, ClientId, ClientId, ClientId];
  const sourceOf = async (which: ClientId) => (await asks(client, which)).source;

  test("the least recently requested agent is evicted", async () => {
    directory = cacheOf(graph(), { maxEntries: 3 });
    for (const which of [one, two, three, four, five]) await asks(client, which);
    const sources = [];
    for (const which of [five, four, three, two, one]) sources.push(await sourceOf(which));
    expect(sources).toEqual(["cache", "cache", "cache", "graph", "graph"]);
  });

  test("a repeated request renews an agent's place", async () => {
    const other = "c11e0000-0000-4000-8000-0000000000ff" as ClientId;
    directory = cacheOf(graph(), { maxEntries: 3 });
    for (const which of [one, two, three]) await asks(client, which);
    now = T0 + 2_000;
    // Denied by a reading that is too old to deny: this agent is asked for again.
    await asks(other, two);
    for (const which of [four, five]) await asks(client, which);
    const sources = [];
    for (const which of [two, four, five]) sources.push(await sourceOf(which));
    expect(sources).toEqual(["cache", "cache", "cache"]);
  });

  test("valid readings stay while there is room", async () => {
    await asks(client, one);
    now = T0 + 59_999;
    await asks(client, two);
    expect(await sourceOf(one)).toBe("cache");
  });

  test("expired readings are evicted as soon as another agent is read", async () => {
    let reading: WeakRef<ApplicationSnapshot> | undefined;
    directory = cacheOf(async (...read) => {
      const newest = await graph()(...read);
      reading ??= new WeakRef(newest);
      return newest;
    });
    await asks(client, one);
    now = T0 + 60_000;
    await asks(client, two);
    expect(await isGarbage(reading as WeakRef<ApplicationSnapshot>)).toBe(true);
  });

  test("a read in progress is not evicted: requests in the meantime share it", async () => {
    directory = cacheOf(graph(true), { maxEntries: 1 });
    const answers: (() => void)[] = [];
    const asking = [one, two, one].map((which) => {
      const result = asks(client, which);
      if (answer !== undefined && !answers.includes(answer)) answers.push(answer);
      return result;
    });
    for (const release of answers) release();
    await Promise.all(asking);
    expect(asked).toEqual([0, 0]);
  });
});

describe("many at once", () => {
  const first = "a9e17000-0000-4000-8000-000000000001" as ClientId;
  const second = "a9e17000-0000-4000-8000-000000000002" as ClientId;
  const limits = () => ({ deadline: now + 5_000, rateLimit: unlimited });
  const many = (...agents: ClientId[]) => directory.readMany(agents, limits(), now - 1_000);

  test("are read together, except for those whose cached reading is recent enough, and cached for everyone", async () => {
    await asks(client, first);
    expect(await many(first, second, agent)).toMatchObject([
      { value: { source: "cache" } },
      { value: { source: "graph", attempts: 1 } },
      { value: { source: "graph", attempts: 1 } },
    ]);
    expect(manyAsked).toEqual([[second, agent]]);
    now = T0 + 30_000;
    expect(await asks(client, second)).toEqual({ allowed: true, source: "cache", attempts: 0 });
    await directory.readMany([first, second, agent], limits());
    expect(manyAsked).toHaveLength(1);
  });

  test("wait for a read in progress", async () => {
    directory = cacheOf(graph(true));
    const one = asks(client, first);
    now = T0 + 1_000;
    const readings = many(first);
    answer?.();
    await one;
    expect(await readings).toMatchObject([{ value: { digest: "sha256:" } }]);
    expect(asked).toEqual([0]);
  });

  test("a failure affects that agent only, which is not read again within a second", async () => {
    directory = cacheOf(async (which, ...rest) => {
      if (which === second) throw unavailable;
      return await graph()(which, ...rest);
    });
    expect(await many(first, second)).toMatchObject([
      { value: { source: "graph" } },
      { reason: unavailable },
    ]);
    expect(await many(second)).toMatchObject([{ reason: { code: "directory_unavailable", attempts: 0 } }]);
    expect(asked).toEqual([0]);
  });

  test("a slow one holds up nobody who waits for another", async () => {
    const slow = Promise.withResolvers<ApplicationSnapshot>();
    directory = cacheOf(async (which, ...rest) =>
      which === second ? await slow.promise : await graph()(which, ...rest),
    );
    const both = many(first, second);
    expect(await asks(client, first)).toMatchObject({ allowed: true });
    slow.resolve(snapshotOf(indexApplication(null), now));
    expect(await both).toHaveLength(2);
  });
});

test("a read by others that took longer than the cache time does not allow a late client", async () => {
  directory = cacheOf(graph(true), { cacheSeconds: 1 });
  const early = asks();
  now = T0 + 3_000;
  const late = asks();
  answer?.();
  expect(await early).toEqual({ allowed: true, source: "graph", attempts: 1 });
  await expect.poll(() => asked).toEqual([0, 3_000]);
  api_ = notListed;
  answer?.();
  expect(await late).toEqual({ allowed: false, source: "graph", attempts: 2 });
});
