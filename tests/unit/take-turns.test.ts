import { beforeEach, expect, test } from "vitest";
import { takeTurns } from "../../src/adapters/lib/take-turns.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import type { ApplicationSnapshot } from "../../src/domain/graph-reading.ts";
import type { TakeTurn } from "../../src/domain/ports.ts";
import { listSessions } from "../../src/functions/list-sessions.ts";
import type { Ports } from "../../src/functions/ports.ts";
import { rehearseAuthorization } from "../../src/functions/rehearse-authorization.ts";
import type { RequestContext } from "../../src/http/endpoint.ts";

let now: number;
let take: TakeTurn;
let started: string[];

beforeEach(() => {
  now = 1_000;
  started = [];
  take = takeTurns({ elapsed: () => now }, 5);
});

/** Takes a turn for work that lasts until `end` or `fail` is called. */
function turn(agent: string, name = agent) {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const result = take(agent as ClientId, () => {
    started.push(name);
    return promise;
  });
  result.catch(() => {});
  return { result, end: () => resolve(name), fail: () => reject(new Error(name)) };
}
const settle = () => new Promise(setImmediate);

test("one work at a time is done for an agent, in the order of arrival; another agent does not wait", async () => {
  const [first, second, third] = [turn("a", "1"), turn("a", "2"), turn("a", "3")];
  await turn("b").end();
  await settle();
  expect(started).toEqual(["1", "b"]);
  first.end();
  expect(await first.result).toBe("1");
  await settle();
  expect(started).toEqual(["1", "b", "2"]);
  second.end();
  third.end();
  expect(await Promise.all([second.result, third.result])).toEqual(["2", "3"]);
});

test("a failure is its caller's alone: the next one has its turn", async () => {
  const [first, second] = [turn("a", "1"), turn("a", "2")];
  first.fail();
  second.end();
  await expect(first.result).rejects.toThrow("1");
  expect(await second.result).toBe("2");
});

test("or it is everybody's who waits, and not that of who comes later", async () => {
  take = takeTurns({ elapsed: () => now }, 5, true);
  const turns = [turn("a", "1"), turn("a", "2"), turn("a", "3")];
  turns[0]?.fail();
  const results = await Promise.allSettled(turns.map(({ result }) => result));
  expect(results.map((each) => each.status === "rejected" && each.reason.message)).toEqual(["1", "1", "1"]);
  turn("a", "4").end();
  expect(started).toEqual(["1", "4"]);
});

test("five wait, and one more is rejected until one of them has its turn", async () => {
  const turns = Array.from({ length: 6 }, (_, n) => turn("a", String(n)));
  await expect(turn("a").result).rejects.toMatchObject({ name: "RateLimitError", retryAfterSeconds: 1 });
  turns[0]?.end();
  await settle();
  turns.push(turn("a", "6"));
  await expect(turn("a").result).rejects.toThrow();
  for (const { end } of turns) end();
  await settle();
  expect(started).toEqual(["0", "1", "2", "3", "4", "5", "6"]);
});

test("the rejected one is told to wait for as long as the last work took, or the current one has taken", async () => {
  const turns = Array.from({ length: 6 }, () => turn("a"));
  now += 2_500;
  await expect(turn("a").result).rejects.toMatchObject({ retryAfterSeconds: 3 });
  now += 1_500;
  turns[0]?.end();
  await settle();
  turn("a");
  now += 10;
  await expect(turn("a").result).rejects.toMatchObject({ retryAfterSeconds: 4 });
});

test("work that throws at once ends its turn too", async () => {
  await expect(take("a" as ClientId, () => JSON.parse("{"))).rejects.toThrow();
  turn("a").end();
  expect(started).toEqual(["a"]);
});

test("an agent's rehearsals take turns, whatever their days, and so do its lists of sessions", async () => {
  let running = 0;
  let atOnce = 0;
  const work = async () => {
    atOnce = Math.max(atOnce, ++running);
    await settle();
    running--;
  };
  const ports = {
    sessions: {
      activitySince: () => work().then(() => ({ clients: [], complete: true })),
      list: () => work().then(() => ({ sessions: [], hasMore: false })),
    },
    applications: {
      read: async () => ({ identity: null }) as ApplicationSnapshot,
    },
    clock: { now: () => new Date(0), elapsed: () => now },
    graphTimeoutMs: 5_000,
    takeRehearsalTurn: take,
    takeListTurn: takeTurns({ elapsed: () => now }, Number.POSITIVE_INFINITY),
  } as unknown as Ports;
  const context = (query: object) => ({ caller: "a", query, arrivedAt: now }) as unknown as RequestContext;
  const rehearsals = Array.from({ length: 7 }, (_, n) =>
    rehearseAuthorization.handler(ports)(context({ days: n + 1 })),
  );
  const statuses = (await Promise.allSettled(rehearsals)).map(({ status }) => status);
  expect([atOnce, statuses]).toEqual([1, [...Array(6).fill("fulfilled"), "rejected"]]);
  await Promise.all(Array.from({ length: 50 }, () => listSessions.handler(ports)(context({ cursor: "" }))));
  expect(atOnce).toBe(1);
});
