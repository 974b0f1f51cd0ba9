import { beforeEach, describe, expect, test } from "vitest";
import {
  type ApplicationReader,
  createApplicationReader,
} from "../../src/adapters/graph/application-reader.ts";
import { type CacheSettings, cachedDirectory } from "../../src/adapters/graph/cached-directory.ts";
import { type CallGraph, UnreadableAnswerError } from "../../src/adapters/graph/graph-client.ts";
import { type ApiApplication, type Application, indexApplication } from "../../src/domain/application.ts";
import type { ApplicationSnapshot } from "../../src/domain/application-snapshot.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { DependencyError } from "../../src/domain/dependency-error.ts";
import { type GraphRateLimit, unlimited } from "../../src/domain/graph-rate-limit.ts";
import type { ApplicationDirectory } from "../../src/domain/ports.ts";
import { RateLimitError } from "../../src/domain/rate-limit-error.ts";
import { AGENT, agentIdentity, api, CLIENT, NOT_FOUND } from "../support/app-registration.ts";
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

const graph = (held = false): ApplicationReader =>
  withMany(async (_agent, _limits, progress) => {
    const requestedAt = now;
    asked.push(now - T0);
    progress.attempts++;
    if (held) await new Promise<void>((resolve) => (answer = resolve));
    if (api_ === "fails") throw unavailable;
    return snapshotOf(indexApplication(api_), requestedAt);
  });
const snapshotOf = (application: Application, requestedAt: number): ApplicationSnapshot => ({
  identity: { kind: "application", application },
  readAt: new Date(requestedAt),
  requestedAt,
  digest: "sha256:",
  source: "graph",
  attempts: 1,
});
/** Reads many one by one, because batching is tested with the reader itself. */
function withMany(read: ApplicationReader["read"]): ApplicationReader {
  return {
    read,
    probe: async () => {},
    readMany: (agents, limits, progress) => {
      manyAsked.push(agents);
      return new Map(agents.map((agent) => [agent, read(agent, limits, progress)]));
    },
  };
}
const cacheOf = (source: ApplicationReader, settings: Partial<CacheSettings> = {}) =>
  cachedDirectory(
    source,
    { elapsed: () => now },
    { cacheSeconds: 60, timeoutMs: 5_000, waitUntil: (_, promise) => promise, maxEntries: 10, ...settings },
  );

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
/** Pays for so many reads. */
const rateLimitOf = (reads: number): GraphRateLimit => ({
  acquire: () => {
    if (reads-- <= 0) throw new RateLimitError(2_500);
  },
  markSent: () => {},
  remaining: () => reads,
});

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
    directory = cacheOf(
      withMany(() => Promise.reject(new DependencyError("directory_access_denied", "403"))),
    );
    await expect(asks()).rejects.toMatchObject({ code: "directory_access_denied" });
    await expect(asks()).rejects.toMatchObject({ code: "directory_access_denied" });
  });

  test("includes defects of the directory", async () => {
    const defect = Object.assign(new TypeError("undefined is not a function"), { code: "no code of ours" });
    directory = cacheOf(withMany(() => Promise.reject(defect)));
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
  const timeIsOver: CacheSettings["waitUntil"] = async () => undefined;

  test("after its deadline it fails with directory_unavailable, and counts the attempts", async () => {
    const deadlines: number[] = [];
    directory = cacheOf(graph(true), {
      waitUntil: async (deadline) => {
        deadlines.push(deadline);
        return undefined;
      },
    });
    await expect(asks()).rejects.toMatchObject({
      code: "directory_unavailable",
      message: "Microsoft Graph returned no usable response",
      cause: { message: "No response within 5000 ms" },
      attempts: 1,
    });
    expect(deadlines).toEqual([T0 + 5_000]);
  });

  test("what went wrong until then is the cause", async () => {
    const failure = new Error("Graph returned 503");
    const source = withMany((_agent, _limits, progress) => {
      Object.assign(progress, { attempts: 3, lastFailure: failure });
      return new Promise(() => {});
    });
    directory = cacheOf(source, { waitUntil: timeIsOver });
    await expect(asks()).rejects.toMatchObject({ cause: { cause: failure }, attempts: 3 });
  });

  test("of many at once too", async () => {
    directory = cacheOf(graph(true), { waitUntil: timeIsOver });
    const results = await directory.readMany([agent], { deadline: now + 1, rateLimit: unlimited });
    expect(results.get(agent)).toMatchObject({ code: "directory_unavailable", attempts: 1 });
  });

  test("and after its deadline it begins none", async () => {
    const results = await directory.readMany([agent], { deadline: now, rateLimit: unlimited });
    expect(results.get(agent)).toMatchObject({ code: "directory_unavailable", attempts: 0 });
    expect(asked).toEqual([]);
  });

  test("a read that fails when nobody waits for it any more fails nobody", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", note);
    const { promise, reject } = Promise.withResolvers<ApplicationSnapshot>();
    directory = cacheOf(
      withMany(() => promise),
      { waitUntil: timeIsOver },
    );
    await expect(asks()).rejects.toBeInstanceOf(DependencyError);
    reject(unavailable);
    await new Promise(setImmediate);
    process.off("unhandledRejection", note);
    expect(unhandled).toEqual([]);
  });

  test("a read continues for later callers: its time limit counts from its start", async () => {
    const deadlines: number[] = [];
    const source = withMany((_agent, { deadline }) => {
      deadlines.push(deadline);
      return new Promise(() => {});
    });
    directory = cacheOf(source, { waitUntil: timeIsOver });
    now = T0 + 3_000;
    await expect(
      directory.read(agent, { deadline: T0 + 4_000, rateLimit: unlimited }),
    ).rejects.toBeInstanceOf(DependencyError);
    expect(deadlines).toEqual([T0 + 8_000]);
  });
});

describe("the caller pays", () => {
  test("for a read that it starts, and for nothing that is cached", async () => {
    const rateLimit = rateLimitOf(1);
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
    const two = asks(client, agent, rateLimitOf(0));
    answer?.();
    expect([(await one).allowed, (await two).allowed]).toEqual([true, true]);
  });

  test("and one that cannot pay fails alone: the agent counts as not requested", async () => {
    await expect(asks(client, agent, rateLimitOf(0))).rejects.toBeInstanceOf(RateLimitError);
    expect(await asks()).toEqual({ allowed: true, source: "graph", attempts: 1 });
  });

  test.each([
    ["before Graph was asked for this agent: those who joined it begin it anew", 0],
    [
      "for another try: that is a failed read to those who joined it, and no other begins within the second",
      1,
    ],
  ])("a read that ends because the caller that started it cannot pay %s", async (_, attempts) => {
    const poor = new RateLimitError(1_000, attempts);
    const met = new Error("Graph returned 503");
    const { promise, reject } = Promise.withResolvers<ApplicationSnapshot>();
    let reads = 0;
    directory = cacheOf(
      withMany(async (which, limits, progress) => {
        if (++reads > 1) return await graph().read(which, limits, progress);
        // A batch has been sent by then, whether or not the agent's own request was.
        Object.assign(progress, { attempts: 1, lastFailure: met });
        return await promise;
      }),
    );
    const beginner = asks();
    const joined = Promise.allSettled([asks(), asks()]);
    reject(poor);
    await expect(beginner).rejects.toBe(poor);
    const after =
      attempts === 0
        ? { status: "fulfilled", value: { allowed: true, source: "graph", attempts: 2 } }
        : { status: "rejected", reason: { code: "directory_unavailable", cause: { cause: met } } };
    expect(await joined).toMatchObject([after, after]);
    expect(reads).toBe(attempts === 0 ? 2 : 1);
  });

  test("and an earlier reading stays cached if a later read could not be paid for completely", async () => {
    const poor = new RateLimitError(1_000);
    let fails = false;
    directory = cacheOf(
      withMany(async (...read) => {
        if (fails) throw poor;
        return await graph().read(...read);
      }),
    );
    await asks();
    fails = true;
    now = T0 + 30_000;
    const limits = { deadline: now + 5_000, rateLimit: unlimited };
    await expect(directory.read(agent, limits, now)).rejects.toBe(poor);
    fails = false;
    await asks(client, "a9e17000-0000-4000-8000-000000000001" as ClientId);
    expect(await asks()).toMatchObject({ source: "cache" });
  });

  test("for many at once, in order, as far as the rateLimit goes", async () => {
    const agents = [1, 2, 3].map((n) => `a9e17000-0000-4000-8000-00000000000${n}` as ClientId);
    await asks(client, agents[0]);
    const results = await directory.readMany(agents, { deadline: now + 5_000, rateLimit: rateLimitOf(1) });
    expect([...results.values()].map((result) => result instanceof RateLimitError)).toEqual([
      false,
      false,
      true,
    ]);
    expect(manyAsked).toEqual([[agents[1]]]);
  });

  test("and where a batch is split and one cannot pay for every part, another reads the rest at once", async () => {
    const agents = [1, 2, 3].map((n) => `a9e17000-0000-4000-8000-00000000000${n}` as ClientId);
    const split: CallGraph = async ({ body }, _signal, onSend) => {
      onSend?.();
      if (body !== undefined) throw new UnreadableAnswerError(new Error("too large"));
      return { status: 200, retryAfter: null, json: { api: listed } };
    };
    now = performance.now();
    directory = cacheOf(createApplicationReader(split));
    // Something else of the caller's uses up what looked like enough.
    const rateLimit = { ...rateLimitOf(agents.length + 1), remaining: () => 9 };
    const limits = { deadline: now + 5_000, rateLimit };
    const results = await directory.readMany(agents, limits);
    expect([...results.values()].map((result) => result instanceof RateLimitError)).toEqual([
      false,
      true,
      true,
    ]);
    expect(await asks(client, agents[2])).toEqual({ allowed: true, source: "graph", attempts: 1 });
  });

  test("and where one cannot pay for all requests of an agent identity, another reads it at once", async () => {
    directory = cacheOf(
      createApplicationReader(async ({ path }, _signal, onSend) => {
        onSend?.();
        if (path.startsWith("/servicePrincipals"))
          return { status: 200, retryAfter: null, json: agentIdentity() };
        if (path.includes(AGENT)) return { status: 404, retryAfter: null, json: NOT_FOUND };
        return { status: 200, retryAfter: null, json: { api: listed } };
      }),
    );
    now = performance.now();
    const poor = { deadline: now + 5_000, rateLimit: rateLimitOf(2) };
    await expect(directory.read(agent, poor)).rejects.toMatchObject({
      attempts: 2,
      name: "RateLimitError",
    });
    expect(await asks()).toEqual({ allowed: true, source: "graph", attempts: 3 });
  });

  test("and where Graph has recovered before one cannot pay for the rest, another reads it at once", async () => {
    let requests = 0;
    directory = cacheOf(
      createApplicationReader(async ({ path }, _signal, onSend) => {
        onSend?.();
        if (requests++ === 0) return { status: 503, retryAfter: null, json: {} };
        if (path.startsWith("/servicePrincipals"))
          return { status: 200, retryAfter: null, json: agentIdentity() };
        if (path.includes(AGENT)) return { status: 404, retryAfter: null, json: NOT_FOUND };
        return { status: 200, retryAfter: null, json: { api: listed } };
      }),
    );
    now = performance.now();
    const poor = asks(client, agent, rateLimitOf(2));
    const joined = asks();
    await expect(poor).rejects.toBeInstanceOf(RateLimitError);
    expect(await joined).toMatchObject({ allowed: true, source: "graph" });
  });

  test("and one that cannot pay for another try of a batch is told that, and not that Graph failed", async () => {
    const throttled: CallGraph = async (_call, _signal, onSend) => {
      onSend?.();
      return { status: 429, retryAfter: null, json: {} };
    };
    now = performance.now();
    directory = cacheOf(createApplicationReader(throttled));
    const results = await directory.readMany([agent], { deadline: now + 5_000, rateLimit: rateLimitOf(1) });
    expect(results.get(agent)).toBeInstanceOf(RateLimitError);
  });

  test("with little left, the first of many agent identities are read to their end", async () => {
    const agents = [1, 2, 3].map((n) => `a9e17000-0000-4000-8000-00000000000${n}` as ClientId);
    const left = rateLimitOf(4);
    directory = cacheOf(
      withMany(async (which, { rateLimit }, progress) => {
        for (const _ of ["service principal", "blueprint"]) {
          await Promise.resolve();
          rateLimit.acquire();
        }
        return await graph().read(which, { deadline: 0, rateLimit }, progress);
      }),
    );
    const results = await directory.readMany(agents, { deadline: now + 5_000, rateLimit: left });
    expect([...results.values()].map((result) => result instanceof RateLimitError)).toEqual([
      false,
      true,
      true,
    ]);
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
    directory = cacheOf(
      withMany(async (...read) => {
        const newest = await graph().read(...read);
        reading ??= new WeakRef(newest);
        return newest;
      }),
    );
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

  test("are read together, except for those whose cached reading is recent enough", async () => {
    await asks(client, first);
    const readings = await many(first, second, agent);
    expect(manyAsked).toEqual([[second, agent]]);
    expect([...readings.keys()]).toEqual([first, second, agent]);
    await many(first, second, agent);
    expect(manyAsked).toHaveLength(1);
  });

  test("are not read if any cached reading will do", async () => {
    await asks(client, first);
    now = T0 + 30_000;
    const readings = await directory.readMany([first], limits());
    expect(readings.get(first)).toMatchObject({ source: "cache", attempts: 0 });
    expect(manyAsked).toEqual([]);
  });

  test("are cached for everyone", async () => {
    await many(first, second);
    now = T0 + 30_000;
    expect(await asks(client, second)).toEqual({ allowed: true, source: "cache", attempts: 0 });
  });

  test("wait for a read in progress", async () => {
    directory = cacheOf(graph(true));
    const one = asks(client, first);
    now = T0 + 1_000;
    const readings = many(first);
    answer?.();
    await one;
    expect((await readings).get(first)).toMatchObject({ digest: "sha256:" });
    expect(manyAsked).toEqual([]);
  });

  test("a failure affects that agent only, which is not read again within a second", async () => {
    directory = cacheOf(
      withMany(async (which, ...rest) => {
        if (which === second) throw unavailable;
        return await graph().read(which, ...rest);
      }),
    );
    const readings = await many(first, second);
    expect(readings.get(first)).toMatchObject({ source: "graph" });
    expect(readings.get(second)).toBe(unavailable);
    expect((await many(second)).get(second)).toMatchObject({ code: "directory_unavailable", attempts: 0 });
    expect(manyAsked).toEqual([[first, second]]);
  });

  test("what others begin to read while the first part is read is shared, and read once", async () => {
    const held = Promise.withResolvers<void>();
    const reads: ClientId[] = [];
    directory = cacheOf(
      withMany(async (which, ...rest) => {
        reads.push(which);
        await held.promise;
        return await graph().read(which, ...rest);
      }),
    );
    const little = { deadline: now + 5_000, rateLimit: rateLimitOf(4) };
    const both = directory.readMany([first, second], little, now - 1_000);
    const other = asks(client, second);
    held.resolve();
    expect(await other).toMatchObject({ allowed: true });
    expect((await both).get(second)).toMatchObject({ digest: "sha256:" });
    expect(reads).toEqual([first, second]);
    // What the other one read is kept.
    now = T0 + 30_000;
    expect(await asks(client, second)).toMatchObject({ source: "cache" });
  });

  test("a slow one holds up nobody who waits for another", async () => {
    const slow = Promise.withResolvers<ApplicationSnapshot>();
    directory = cacheOf(
      withMany(async (which, ...rest) =>
        which === second ? await slow.promise : await graph().read(which, ...rest),
      ),
    );
    const both = many(first, second);
    expect(await asks(client, first)).toMatchObject({ allowed: true });
    slow.resolve(snapshotOf(indexApplication(null), now));
    expect((await both).size).toBe(2);
  });

  test("are a failure if the reader leaves one out, not a list with a gap", async () => {
    directory = cacheOf({ ...graph(), readMany: () => new Map() });
    await expect(many(first)).rejects.toMatchObject({
      message: "The reader returned no result for an agent",
    });
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
