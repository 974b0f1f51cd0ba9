import { expect, test } from "vitest";
import { cachedDirectory } from "../../src/adapters/graph/cached-directory.ts";
import { OLDEST_DENIAL_MS } from "../../src/application/inquiry.ts";
import { indexApplication } from "../../src/domain/application.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { unlimited } from "../../src/domain/graph-allowance.ts";
import type { ApplicationSource } from "../../src/domain/ports.ts";
import { type Arrivals, mostReads, reads } from "../../tools/scale/graph-reads.ts";
import { operationsOf, type Request } from "../../tools/scale/operations.ts";
import { AGENT } from "../support/app-registration.ts";

const ARRIVALS = 40_000;

/** Numbers from 0 to 1 that are the same in each run (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Starts with one agent at random, in milliseconds from 0. */
function startsAtRandom({ allowed, denied }: Arrivals, random: () => number): Request[] {
  let at = 0;
  return Array.from({ length: ARRIVALS }, () => {
    at += (-Math.log(1 - random()) / (allowed + denied)) * 1_000;
    const isAllowed = random() * (allowed + denied) < allowed;
    return { at: Math.round(at), kind: isAllowed ? "sessionStarted" : "startDenied", agent: AGENT };
  });
}

/** How often LKPS's own cache asks Graph for these starts. */
async function readsOfCache(starts: readonly Request[], cacheSeconds: number): Promise<number> {
  let now = 0;
  let asked = 0;
  const graph: Pick<ApplicationSource, "read"> = {
    read: async () => {
      asked++;
      return {
        application: indexApplication(null),
        readAt: new Date(now),
        askedAt: now,
        digest: null,
        source: "graph",
        attempts: 1,
      };
    },
  };
  const cache = cachedDirectory(
    graph as ApplicationSource,
    { elapsed: () => now },
    {
      cacheSeconds,
      timeoutMs: 1_000,
      maxEntries: 10,
      waitUntil: (_, promise) => promise,
    },
  );
  for (const { at, kind } of starts) {
    now = at;
    const limits = { deadline: at + 1_000, allowance: unlimited };
    const { askedAt } = await cache.read(AGENT as ClientId, limits);
    const notBefore = at - OLDEST_DENIAL_MS;
    const isTooOld = kind === "startDenied" && askedAt < notBefore;
    if (isTooOld) await cache.read(AGENT as ClientId, limits, notBefore);
  }
  return asked;
}

const cases: readonly (Arrivals & { cacheSeconds: number })[] = [
  { allowed: 2, denied: 0, cacheSeconds: 60 },
  { allowed: 0.01, denied: 0, cacheSeconds: 60 },
  { allowed: 0.5, denied: 0.5, cacheSeconds: 60 },
  { allowed: 0.05, denied: 0.02, cacheSeconds: 60 },
  { allowed: 3, denied: 0.1, cacheSeconds: 10 },
  { allowed: 2, denied: 2, cacheSeconds: 1 },
  { allowed: 0, denied: 5, cacheSeconds: 60 },
];

test.each(cases)(
  "$allowed allowed and $denied denied starts a second, kept for $cacheSeconds s: the formula, the rule and the cache itself agree on the reads of Graph",
  async ({ cacheSeconds, ...arrivals }) => {
    const starts = startsAtRandom(arrivals, randomOf(1));
    const asked = await readsOfCache(starts, cacheSeconds);
    expect(operationsOf(starts, { cacheSeconds, newTables: 0 }).graph).toBe(asked);
    const seconds = (starts.at(-1)?.at ?? 0) / 1_000;
    const expected = reads(arrivals, cacheSeconds, 1);
    expect(Math.abs(asked / seconds / expected - 1)).toBeLessThan(0.03);
  },
);

test("without a cache each start reads for itself", () => {
  expect(reads({ allowed: 3, denied: 2 }, 0, 4)).toBe(5);
});

test("instances read no more than requests come, and no agent more than once a second each", () => {
  for (const allowed of [0, 0.1, 10, 1e4]) {
    for (const denied of [0, 0.1, 10, 1e4]) {
      for (const instances of [1, 7, 100]) {
        const most = mostReads({ allowed, denied }, 1, instances);
        expect(most).toBeLessThanOrEqual(Math.min(allowed + denied, instances));
        expect(reads({ allowed, denied }, 1, instances)).toBeLessThanOrEqual(most);
      }
    }
  }
});
