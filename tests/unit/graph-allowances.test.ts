import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { graphAllowances } from "../../src/adapters/graph/graph-allowances.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { TooManyReadsError } from "../../src/domain/too-many-reads-error.ts";
import { CLIENT, OTHER_CLIENT } from "../support/app-registration.ts";
import { isGarbage } from "../support/is-garbage.ts";

const client = CLIENT as ClientId;
let now: number;
const clock = { elapsed: () => now };
/** Whether it may take one now. */
function takes(allowance: { take(): void }): boolean {
  try {
    allowance.take();
    return true;
  } catch (error) {
    if (error instanceof TooManyReadsError) return false;
    throw error;
  }
}

beforeEach(() => {
  now = 1_000_000;
});

test("a caller may cause a number of requests in 10 s, and the next one when the first is 10 s old", () => {
  const allowance = graphAllowances(3, clock)(client);
  expect([0, 1, 2, 3].map(() => takes(allowance))).toEqual([true, true, true, false]);
  now += 9_999;
  expect(takes(allowance)).toBe(false);
  now += 1;
  expect([0, 1, 2, 3].map(() => takes(allowance))).toEqual([true, true, true, false]);
});

test("what remains is the caller's own, and comes back after 10 s", () => {
  const allowances = graphAllowances(3, clock);
  allowances(client).take();
  const remaining = () => [client, OTHER_CLIENT as ClientId].map((one) => allowances(one).remaining());
  expect(remaining()).toEqual([2, 3]);
  now += 10_000;
  expect(remaining()).toEqual([3, 3]);
});

test("the error says what it is, and when to retry, in whole seconds", () => {
  const allowance = graphAllowances(1, clock)(client);
  allowance.take();
  for (const [after, seconds] of [
    [0, 10],
    [1, 10],
    [7_500, 3],
    [9_999, 1],
  ] as const) {
    now = 1_000_000 + after;
    expect(() => allowance.take()).toThrow(
      expect.objectContaining({
        name: "TooManyReadsError",
        message: "The caller has caused too many requests to Microsoft Graph",
        retryAfterSeconds: seconds,
      }),
    );
  }
});

test("whoever waits as long as a refusal says can read an agent to its end, however the requests are spread", () => {
  const allowance = graphAllowances(10, clock)(client);
  for (let n = 0; n < 10; n++) {
    allowance.take();
    now += 1_000;
  }
  expect([0, 1].map(() => takes(allowance))).toEqual([true, false]);
  expect(() => allowance.take()).toThrow(expect.objectContaining({ retryAfterSeconds: 3 }));
  now += 3_000;
  expect([0, 1, 2].map(() => takes(allowance))).toEqual([true, true, true]);
});

describe("a request that waited after it was taken", () => {
  test("counts for 10 s from when it is sent", () => {
    const allowanceOf = graphAllowances(2, clock);
    const waited = allowanceOf(client);
    waited.take();
    allowanceOf(client).take();
    now += 4_000;
    waited.markSent();
    now += 6_000;
    expect([takes(allowanceOf(client)), takes(allowanceOf(client))]).toEqual([true, false]);
    now += 4_000;
    expect(takes(allowanceOf(client))).toBe(true);
  });

  test("for more than 10 s has to be taken again, which fails if none is left", () => {
    const allowanceOf = graphAllowances(1, clock);
    const waited = allowanceOf(client);
    waited.take();
    now += 10_000;
    const other = allowanceOf(client);
    other.take();
    other.markSent();
    expect(() => waited.markSent()).toThrow(TooManyReadsError);
    now += 10_000;
    waited.take();
    now += 10_000;
    waited.markSent();
    expect(takes(other)).toBe(false);
  });

  test("counts with all that are sent with it", () => {
    const allowance = graphAllowances(3, clock)(client);
    for (const _ of [1, 2, 3]) allowance.take();
    now += 4_000;
    allowance.markSent(0);
    allowance.markSent(2);
    now += 6_000;
    expect(allowance.remaining()).toBe(1);
    now += 4_000;
    expect(allowance.remaining()).toBe(3);
  });

  test("counts once, however many are sent one after the other", () => {
    const allowance = graphAllowances(3, clock)(client);
    for (const step of [allowance.take, allowance.take, allowance.markSent, allowance.markSent]) {
      step();
      now += 1_000;
    }
    expect(allowance.remaining()).toBe(1);
    now += 8_000;
    expect(allowance.remaining()).toBe(2);
  });

  test("is not the one that was refused", () => {
    const allowance = graphAllowances(1, clock)(client);
    allowance.take();
    expect(takes(allowance)).toBe(false);
    now += 4_000;
    allowance.markSent();
    now += 6_000;
    expect(takes(allowance)).toBe(false);
  });

  test("never lets more than the limit be sent in any 10 s", () => {
    const step = fc.record({
      pause: fc.nat(600),
      request: fc.nat(2),
      count: fc.integer({ min: 1, max: 3 }),
      isSent: fc.boolean(),
    });
    let atLimit = 0;
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.array(step, { minLength: 50, maxLength: 200 }),
        (limit, steps) => {
          const allowanceOf = graphAllowances(limit, clock);
          const requests = [0, 1, 2].map(() => ({ allowance: allowanceOf(client), waiting: 0 }));
          const sent: number[] = [];
          for (const { pause, request: n, count, isSent } of steps) {
            now += pause;
            const request = requests[n] as (typeof requests)[number];
            const { allowance } = request;
            if (!isSent) {
              if (takes(allowance)) request.waiting++;
              continue;
            }
            const most = Math.min(count, request.waiting);
            request.waiting -= most;
            if (takes({ take: () => allowance.markSent(most) })) sent.push(...Array<number>(most).fill(now));
            const recent = sent.filter((at) => at > now - 10_000).length;
            expect(recent).toBeLessThanOrEqual(limit);
            if (recent === limit) atLimit++;
          }
        },
      ),
    );
    expect(atLimit).toBeGreaterThan(100);
  });
});

test("each caller has its own, however often it is asked for", () => {
  const allowanceOf = graphAllowances(2, clock);
  expect([client, client, client].map((caller) => takes(allowanceOf(caller)))).toEqual([true, true, false]);
  expect(takes(allowanceOf(OTHER_CLIENT as ClientId))).toBe(true);
});

describe("what is forgotten", () => {
  test("is nothing that still counts", () => {
    const allowanceOf = graphAllowances(1, clock);
    allowanceOf(client).take();
    now += 9_999;
    expect(takes(allowanceOf(OTHER_CLIENT as ClientId))).toBe(true);
    expect(takes(allowanceOf(client))).toBe(false);
  });

  test("is not a caller with a request that still counts", () => {
    const allowanceOf = graphAllowances(2, clock);
    allowanceOf(client).take();
    now += 5_000;
    allowanceOf(client).take();
    now += 9_999;
    allowanceOf(OTHER_CLIENT as ClientId).take();
    expect([takes(allowanceOf(client)), takes(allowanceOf(client))]).toEqual([true, false]);
  });

  /** A caller that makes one request now. An object in place of its id shows when it is forgotten. */
  const passingCaller = (allowanceOf: ReturnType<typeof graphAllowances>) => {
    const caller = {};
    allowanceOf(caller as ClientId).take();
    return new WeakRef(caller);
  };

  test.each([
    ["9,999 ms", 9_999, false],
    ["10 s", 10_000, true],
  ])("a caller is after %s without a request: %s", async (_, idle, isForgotten) => {
    const allowanceOf = graphAllowances(2, clock);
    const passing = passingCaller(allowanceOf);
    now += idle;
    allowanceOf(client).take();
    expect(await isGarbage(passing)).toBe(isForgotten);
  });

  test("a caller is also where one that came before it asks again and again", async () => {
    const allowanceOf = graphAllowances(3, clock);
    allowanceOf(client).take();
    const passing = passingCaller(allowanceOf);
    now += 5_000;
    allowanceOf(client).take();
    now += 5_000;
    allowanceOf(OTHER_CLIENT as ClientId).take();
    expect(await isGarbage(passing)).toBe(true);
  });
});

test("ten thousand requests of one caller cost no noticeable time", () => {
  const allowance = graphAllowances(10_000, clock)(client);
  const startedAt = performance.now();
  for (let n = 0; n < 10_000; n++) {
    allowance.take();
    allowance.markSent();
  }
  // With a copy for each request it takes over a second.
  expect(performance.now() - startedAt).toBeLessThan(300);
});

test("in any 10 s there are never more than so many, and no request is refused while there were fewer", () => {
  const waits = fc.array(fc.nat(4_000), { maxLength: 200 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), waits, (limit, pauses) => {
      const allowance = graphAllowances(limit, clock)(client);
      const taken: number[] = [];
      for (const pause of pauses) {
        now += pause;
        const recent = taken.filter((at) => at > now - 10_000).length;
        const may = takes(allowance);
        expect(may).toBe(recent < limit);
        if (may) taken.push(now);
      }
    }),
  );
});
