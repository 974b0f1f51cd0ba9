import { beforeEach, describe, expect, test } from "vitest";
import { cachedDirectory } from "../../src/application/cached-directory.ts";
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
const unavailable = new DependencyError("directory_unavailable", "Graph answered 503", { attempts: 3 });

let now: number;
let api_: ApiApplication | "fails";
/** When Graph was asked, in milliseconds from the start of the test. */
let asked: number[];
/** Set to hold Graph's answers back until it is called. */
let answer: (() => void) | undefined;
let directory: ApplicationDirectory;

const graph = (held = false): ApplicationDirectory => ({
  read: async () => {
    const readAt = new Date(now);
    asked.push(now - T0);
    if (held) await new Promise<void>((resolve) => (answer = resolve));
    if (api_ === "fails") throw unavailable;
    return { application: indexApplication(api_), readAt, digest: "sha256:", source: "graph", attempts: 1 };
  },
});
const within = <T>(_ms: number, operation: (signal: AbortSignal) => Promise<T>) =>
  operation(new AbortController().signal);
const cacheOf = (source: ApplicationDirectory, maxEntries = 10) =>
  cachedDirectory(
    source,
    { now: () => new Date(now) },
    { cacheSeconds: 60, timeoutMs: 5_000, within, maxEntries },
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
    await expect(asks(other)).rejects.toMatchObject({ code: "directory_unavailable", attempts: 0 });
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
    directory = cacheOf({
      read: () => Promise.reject(new DependencyError("directory_access_denied", "403")),
    });
    await expect(asks()).rejects.toMatchObject({ code: "directory_access_denied" });
    await expect(asks()).rejects.toMatchObject({ code: "directory_access_denied" });
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

test("the caller's wait is bounded, however many reads it takes part in", async () => {
  const waits: number[] = [];
  directory = cachedDirectory(
    graph(),
    { now: () => new Date(now) },
    {
      cacheSeconds: 60,
      timeoutMs: 5_000,
      maxEntries: 10,
      within: async (ms) => {
        waits.push(ms);
        throw new Error("No answer within 5000 ms");
      },
    },
  );
  await expect(asks()).rejects.toMatchObject({ code: "directory_unavailable" });
  expect(waits).toEqual([5_000]);
});

test("memory is bounded: what was asked for longest ago makes room", async () => {
  directory = cacheOf(graph(), 3);
  const agents = Array.from({ length: 5 }, (_, n) => `a9e17000-0000-4000-8000-00000000000${n}` as ClientId);
  for (const one of agents) await asks(client, one);
  const sources = [];
  for (const one of agents.toReversed()) sources.push((await asks(client, one)).source);
  expect(sources).toEqual(["cache", "cache", "cache", "graph", "graph"]);
});
