import { beforeEach, describe, expect, test } from "vitest";
import { type CacheSettings, cachedDirectory } from "../../src/application/cached-directory.ts";
import { type ApiApplication, indexApplication } from "../../src/domain/application.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { DependencyError } from "../../src/domain/dependency-error.ts";
import type { ApplicationDirectory, ApplicationReading } from "../../src/domain/ports.ts";
import { AGENT, api, CLIENT } from "../support/app-registration.ts";

const agent = AGENT as ClientId;
const client = CLIENT as ClientId;
const listed = api() as ApiApplication;
const notListed = api({ preAuthorizedApplications: [] }) as ApiApplication;
const T0 = Date.parse("2026-11-24T09:00:00.000Z");
const unavailable = new DependencyError("directory_unavailable", "Graph answered 503", {
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

const graph = (held = false): ApplicationDirectory =>
  withMany({
    read: async () => {
      const readAt = new Date(now);
      asked.push(now - T0);
      if (held) await new Promise<void>((resolve) => (answer = resolve));
      if (api_ === "fails") throw unavailable;
      return { application: indexApplication(api_), readAt, digest: "sha256:", source: "graph", attempts: 1 };
    },
  });
/** Answers many by reading each: how it gets them is the directory's own business. */
function withMany(one: Pick<ApplicationDirectory, "read">): ApplicationDirectory {
  return {
    ...one,
    readMany: async (agents, need) => {
      manyAsked.push(agents);
      const readings = agents.map(
        async (agent) => [agent, await one.read(agent, need).catch((error) => error)] as const,
      );
      return new Map(await Promise.all(readings));
    },
  };
}
const within = <T>(_ms: number, operation: (signal: AbortSignal) => Promise<T>) =>
  operation(new AbortController().signal);
const cacheOf = (source: ApplicationDirectory, settings: Partial<CacheSettings> = {}) =>
  cachedDirectory(
    source,
    { now: () => new Date(now) },
    { cacheSeconds: 60, timeoutMs: 5_000, within, maxEntries: 10, ...settings },
  );

/** A client asks, as `judge` does; `true` if the reading lets it in. */
async function asks(
  who = client,
  which = agent,
): Promise<{ allowed: boolean; source: string; attempts: number }> {
  const allows: (application: ApplicationReading["application"]) => boolean = (application) =>
    application?.preAuthorized.get(who) === true;
  const reading = await directory.read(which, { allows, denyNotBefore: new Date(now - 1_000) });
  return { allowed: allows(reading.application), source: reading.source, attempts: reading.attempts };
}

beforeEach(() => {
  now = T0;
  api_ = listed;
  asked = [];
  manyAsked = [];
  directory = cacheOf(graph());
});

describe("a reading", () => {
  test("lets a client in until it is 60 s old", async () => {
    await asks();
    now = T0 + 59_999;
    expect(await asks()).toEqual({ allowed: true, source: "cache", attempts: 0 });
    now = T0 + 60_000;
    expect(await asks()).toEqual({ allowed: true, source: "graph", attempts: 1 });
    expect(asked).toEqual([0, 60_000]);
  });

  test("denies from the cache while it is at most a second old", async () => {
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

  test("replaces an older one at once for everybody: a revocation seen by one refuses all", async () => {
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

  test("does not serve when the clock was set back: its age means nothing then", async () => {
    await asks();
    now = T0 - 1;
    expect((await asks()).source).toBe("graph");
  });
});

describe("a failed read", () => {
  test("is a failure for a client that an old reading denies, and no denial", async () => {
    api_ = notListed;
    await asks();
    api_ = "fails";
    now = T0 + 2_000;
    await expect(asks()).rejects.toMatchObject({ code: "directory_unavailable", attempts: 3 });
  });

  test("within a second of it nobody asks again: 503 at once, while allowed clients are served", async () => {
    const other = "c11e0000-0000-4000-8000-0000000000ff" as ClientId;
    await asks();
    api_ = "fails";
    now = T0 + 2_000;
    await expect(asks(other)).rejects.toThrow(DependencyError);
    now = T0 + 2_999;
    await expect(asks(other)).rejects.toMatchObject({
      code: "directory_unavailable",
      message: "The application was asked for less than a second ago, and that failed",
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

  test("counts as the first read too", async () => {
    api_ = "fails";
    await expect(asks()).rejects.toThrow(DependencyError);
    api_ = listed;
    now = T0 + 999;
    await expect(asks()).rejects.toMatchObject({ code: "directory_unavailable" });
    now = T0 + 1_000;
    expect((await asks()).allowed).toBe(true);
  });

  test("keeps its code: who may not read is told apart from who does not answer", async () => {
    directory = cacheOf(
      withMany({ read: () => Promise.reject(new DependencyError("directory_access_denied", "403")) }),
    );
    await expect(asks()).rejects.toMatchObject({ code: "directory_access_denied" });
    await expect(asks()).rejects.toMatchObject({ code: "directory_access_denied" });
  });

  test("is one too where the directory has a defect", async () => {
    const defect = new TypeError("undefined is not a function");
    directory = cacheOf(withMany({ read: () => Promise.reject(defect) }));
    await expect(asks()).rejects.toThrow();
    await expect(asks()).rejects.toMatchObject({
      code: "directory_unavailable",
      message: "The application was asked for less than a second ago, and that failed",
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

  test("a read begun over a second ago may let a late client in, but does not deny it", async () => {
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

test("a read that took longer than the cache serves is good for those who waited for it", async () => {
  directory = cacheOf(graph(true), { cacheSeconds: 1 });
  const asking = asks();
  now = T0 + 2_000;
  answer?.();
  expect(await asking).toEqual({ allowed: true, source: "graph", attempts: 1 });
  expect(asked).toEqual([0]);
});

describe("the caller's wait is bounded, however many reads it takes part in", () => {
  const tooLate = new Error("No answer within 5000 ms");

  test("after that it is told that the directory does not answer", async () => {
    const waits: number[] = [];
    const timeIsOver: CacheSettings["within"] = async (ms) => {
      waits.push(ms);
      throw tooLate;
    };
    directory = cacheOf(graph(), { within: timeIsOver });
    await expect(asks()).rejects.toMatchObject({
      code: "directory_unavailable",
      message: "The application could not be read in time",
      cause: tooLate,
    });
    expect(waits).toEqual([5_000]);
  });

  test("after that it asks no more, not even for the new reading that it needed", async () => {
    const controller = new AbortController();
    directory = cacheOf(graph(true), { within: (_, operation) => operation(controller.signal) });
    api_ = notListed;
    const early = asks();
    now = T0 + 1_500;
    const late = asks();
    controller.abort(tooLate);
    answer?.();
    expect((await early).allowed).toBe(false);
    await expect(late).rejects.toMatchObject({ code: "directory_unavailable", cause: tooLate });
    expect(asked).toEqual([0]);
  });
});

describe("memory is bounded", () => {
  const [one, two, three, four, five] = ["1", "2", "3", "4", "5"].map(
    (n) => `a9e17000-0000-4000-8000-00000000000${n}` as ClientId,
  ) as [ClientId, ClientId, ClientId, ClientId, ClientId];
  const sourceOf = async (which: ClientId) => (await asks(client, which)).source;

  test("what was asked for longest ago makes room", async () => {
    directory = cacheOf(graph(), { maxEntries: 3 });
    for (const which of [one, two, three, four, five]) await asks(client, which);
    const sources = [];
    for (const which of [five, four, three, two, one]) sources.push(await sourceOf(which));
    expect(sources).toEqual(["cache", "cache", "cache", "graph", "graph"]);
  });

  test("what was asked for again counts as asked for then", async () => {
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

  test("what serves yet stays while there is room", async () => {
    await asks(client, one);
    now = T0 + 59_999;
    await asks(client, two);
    expect(await sourceOf(one)).toBe("cache");
  });

  test("a read under way does not make room: whoever asks meanwhile shares it", async () => {
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
  const many = (...agents: ClientId[]) =>
    directory.readMany(agents, { allows: () => false, denyNotBefore: new Date(now - 1_000) });

  test("are read together, but for those that are kept and will do", async () => {
    await asks(client, first);
    const readings = await many(first, second, agent);
    expect(manyAsked).toEqual([[second, agent]]);
    expect([...readings.keys()]).toEqual([first, second, agent]);
    await many(first, second, agent);
    expect(manyAsked).toHaveLength(1);
  });

  test("are not read where what is kept lets the client in, old as it may be", async () => {
    await asks(client, first);
    now = T0 + 30_000;
    const need = { allows: () => true, denyNotBefore: new Date(now - 1_000) };
    const readings = await directory.readMany([first], need);
    expect(readings.get(first)).toMatchObject({ source: "cache", attempts: 0 });
    expect(manyAsked).toEqual([]);
  });

  test("keep what they read for everybody", async () => {
    await many(first, second);
    now = T0 + 30_000;
    expect(await asks(client, second)).toEqual({ allowed: true, source: "cache", attempts: 0 });
  });

  test("wait for a read that is under way", async () => {
    directory = cacheOf(graph(true));
    const one = asks(client, first);
    const readings = many(first);
    answer?.();
    await one;
    expect((await readings).get(first)).toMatchObject({ digest: "sha256:" });
    expect(manyAsked).toEqual([]);
  });

  test("a failure is that agent's alone, and keeps it from being asked for within the second", async () => {
    const failing = withMany({
      read: async (which, need) => {
        if (which === second) throw unavailable;
        return await graph().read(which, need);
      },
    });
    directory = cacheOf(failing);
    const readings = await many(first, second);
    expect(readings.get(first)).toMatchObject({ source: "graph" });
    expect(readings.get(second)).toBe(unavailable);
    expect((await many(second)).get(second)).toMatchObject({ code: "directory_unavailable", attempts: 0 });
    expect(manyAsked).toEqual([[first, second]]);
  });

  test("a failure of all is each one's", async () => {
    directory = cacheOf({ ...graph(), readMany: () => Promise.reject(unavailable) });
    const readings = await many(first, second);
    expect([...readings.values()]).toEqual([unavailable, unavailable]);
  });

  test("are a failure where the directory leaves one out, and no list with a hole", async () => {
    directory = cacheOf({ ...graph(), readMany: async () => new Map() });
    await expect(many(first)).rejects.toMatchObject({
      code: "directory_unavailable",
      cause: { message: "The directory left an agent out" },
    });
  });
});

test("a read begun by others that took longer than readings serve lets no late client in", async () => {
  const settings = { cacheSeconds: 1, timeoutMs: 5_000, within, maxEntries: 10 };
  directory = cachedDirectory(graph(true), { now: () => new Date(now) }, settings);
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

test("whose time ends while it waits for a read says that Graph was asked", async () => {
  const settings = {
    cacheSeconds: 60,
    timeoutMs: 5_000,
    maxEntries: 10,
    within: async <T>(_ms: number, operation: (signal: AbortSignal) => Promise<T>): Promise<T> => {
      operation(new AbortController().signal).catch(() => {});
      throw new Error("No answer within 5000 ms");
    },
  };
  directory = cachedDirectory(graph(true), { now: () => new Date(now) }, settings);
  await expect(asks()).rejects.toMatchObject({ code: "directory_unavailable", attempts: 1 });
});
