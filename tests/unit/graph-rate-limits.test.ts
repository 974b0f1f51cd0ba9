import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { graphRateLimits } from "../../src/adapters/graph/graph-rate-limits.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { RateLimitError } from "../../src/domain/graph-reading.ts";
import { CLIENT, OTHER_CLIENT } from "../support/app-registration.ts";
import { isGarbage } from "../support/is-garbage.ts";

const client = CLIENT as ClientId;
let now: number;
const clock = { elapsed: () => now };
/** Whether it may take one now. */
function takes(rateLimit: { acquire(): void }): boolean {
  try {
    rateLimit.acquire();
    return true;
  } catch (error) {
    if (error instanceof RateLimitError) return false;
    throw error;
  }
}

beforeEach(() => {
  now = 1_000_000;
});

test("a caller may cause a number of requests in 10 s, and the next one when the first is 10 s old", () => {
  const rateLimit = graphRateLimits(3, clock)(client);
  expect([0, 1, 2, 3].map(() => takes(rateLimit))).toEqual([true, true, true, false]);
  now += 9_999;
  expect(takes(rateLimit)).toBe(false);
  now += 1;
  expect([0, 1, 2, 3].map(() => takes(rateLimit))).toEqual([true, true, true, false]);
});

test("what remains is the caller's own, and comes back after 10 s", () => {
  const rateLimits = graphRateLimits(3, clock);
  rateLimits(client).acquire();
  const remaining = () => [client, OTHER_CLIENT as ClientId].map((one) => rateLimits(one).remaining());
  expect(remaining()).toEqual([2, 3]);
  now += 10_000;
  expect(remaining()).toEqual([3, 3]);
});

test("the error says what it is, and when to retry, in whole seconds", () => {
  const rateLimit = graphRateLimits(1, clock)(client);
  rateLimit.acquire();
  for (const [after, seconds] of [
    [0, 10],
    [1, 10],
    [7_500, 3],
    [9_999, 1],
  ] as const) {
    now = 1_000_000 + after;
    expect(() => rateLimit.acquire()).toThrow(
      expect.objectContaining({
        name: "RateLimitError",
        message: "The caller has reached its limit of reads",
        retryAfterSeconds: seconds,
      }),
    );
  }
});

test("whoever waits as long as a refusal says can read an agent to its end, however the requests are spread", () => {
  const rateLimit = graphRateLimits(10, clock)(client);
  for (let n = 0; n < 10; n++) {
    rateLimit.acquire();
    now += 1_000;
  }
  expect([0, 1].map(() => takes(rateLimit))).toEqual([true, false]);
  expect(() => rateLimit.acquire()).toThrow(expect.objectContaining({ retryAfterSeconds: 3 }));
  now += 3_000;
  expect([0, 1, 2].map(() => takes(rateLimit))).toEqual([true, true, true]);
});

describe("several requests at once", () => {
  test("count all or none", () => {
    const rateLimit = graphRateLimits(5, clock)(client);
    rateLimit.acquire(3);
    expect(() => rateLimit.acquire(3)).toThrow(RateLimitError);
    expect(rateLimit.remaining()).toBe(2);
    rateLimit.acquire(2);
    expect(rateLimit.remaining()).toBe(0);
  });

  test("are refused until there is room for all of them", () => {
    const rateLimit = graphRateLimits(5, clock)(client);
    for (let n = 0; n < 5; n++) {
      rateLimit.acquire();
      now += 1_000;
    }
    now -= 1_000;
    expect(() => rateLimit.acquire(5)).toThrow(expect.objectContaining({ retryAfterSeconds: 10 }));
    now += 10_000;
    rateLimit.acquire(5);
  });
});

test("each caller has its own, however often it is asked for", () => {
  const rateLimitOf = graphRateLimits(2, clock);
  expect([client, client, client].map((caller) => takes(rateLimitOf(caller)))).toEqual([true, true, false]);
  expect(takes(rateLimitOf(OTHER_CLIENT as ClientId))).toBe(true);
});

describe("what is forgotten", () => {
  test("is nothing that still counts", () => {
    const rateLimitOf = graphRateLimits(1, clock);
    rateLimitOf(client).acquire();
    now += 9_999;
    expect(takes(rateLimitOf(OTHER_CLIENT as ClientId))).toBe(true);
    expect(takes(rateLimitOf(client))).toBe(false);
  });

  test("is not a caller with a request that still counts", () => {
    const rateLimitOf = graphRateLimits(2, clock);
    rateLimitOf(client).acquire();
    now += 5_000;
    rateLimitOf(client).acquire();
    now += 9_999;
    rateLimitOf(OTHER_CLIENT as ClientId).acquire();
    expect([takes(rateLimitOf(client)), takes(rateLimitOf(client))]).toEqual([true, false]);
  });

  /** A caller that makes one request now. An object in place of its id shows when it is forgotten. */
  const passingCaller = (rateLimitOf: ReturnType<typeof graphRateLimits>) => {
    const caller = {};
    rateLimitOf(caller as ClientId).acquire();
    return new WeakRef(caller);
  };

  test.each([
    ["9,999 ms", 9_999, false],
    ["10 s", 10_000, true],
  ])("a caller is after %s without a request: %s", async (_, idle, isForgotten) => {
    const rateLimitOf = graphRateLimits(2, clock);
    const passing = passingCaller(rateLimitOf);
    now += idle;
    rateLimitOf(client).acquire();
    expect(await isGarbage(passing)).toBe(isForgotten);
  });

  test("a caller is also where one that came before it asks again and again", async () => {
    const rateLimitOf = graphRateLimits(3, clock);
    rateLimitOf(client).acquire();
    const passing = passingCaller(rateLimitOf);
    now += 5_000;
    rateLimitOf(client).acquire();
    now += 5_000;
    rateLimitOf(OTHER_CLIENT as ClientId).acquire();
    expect(await isGarbage(passing)).toBe(true);
  });
});

test("ten thousand requests of one caller cost no noticeable time", () => {
  const rateLimit = graphRateLimits(10_000, clock)(client);
  const startedAt = performance.now();
  for (let n = 0; n < 10_000; n++) rateLimit.acquire();
  // With a copy for each request it takes over a second.
  expect(performance.now() - startedAt).toBeLessThan(300);
});

test("in any 10 s there are never more than so many, and no request is refused while there were fewer", () => {
  const waits = fc.array(fc.nat(4_000), { maxLength: 200 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), waits, (limit, pauses) => {
      const rateLimit = graphRateLimits(limit, clock)(client);
      const taken: number[] = [];
      for (const pause of pauses) {
        now += pause;
        const recent = taken.filter((at) => at > now - 10_000).length;
        const may = takes(rateLimit);
        expect(may).toBe(recent < limit);
        if (may) taken.push(now);
      }
    }),
  );
});
