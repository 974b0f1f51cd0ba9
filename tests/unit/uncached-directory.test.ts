import { describe, expect, test } from "vitest";
import type { ApplicationReader } from "../../src/adapters/graph/application-reader.ts";
import type { ReadProgress } from "../../src/adapters/graph/graph-read.ts";
import { asReadFailure, payFor, uncachedDirectory } from "../../src/adapters/graph/uncached-directory.ts";
import type { ApplicationSnapshot, ReadLimits } from "../../src/domain/application-snapshot.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { DependencyError } from "../../src/domain/dependency-error.ts";
import type { GraphRateLimit } from "../../src/domain/graph-rate-limit.ts";
import { RateLimitError } from "../../src/domain/rate-limit-error.ts";

const agents = [1, 2, 3].map((n) => `a9e17000-0000-4000-8000-00000000000${n}` as ClientId);
const [first, second, third] = agents as [ClientId, ClientId, ClientId];
const reading: ApplicationSnapshot = {
  identity: null,
  readAt: new Date("2026-11-24T09:00:00.000Z"),
  requestedAt: 1_000_000,
  digest: null,
  source: "graph",
  attempts: 1,
};
const unavailable = new DependencyError("directory_unavailable", "Graph returned 503");
const tooMany = new RateLimitError(2_500);
const defect = new TypeError("undefined is not a function");

/** Pays for so many reads, then throws. */
function rateLimitOf(reads: number, error: Error = tooMany): GraphRateLimit & { readonly left: number } {
  let left = reads;
  return {
    acquire: () => {
      if (left === 0) throw error;
      left--;
    },
    markSent: () => {},
    remaining: () => left,
    get left() {
      return left;
    },
  };
}
const limitsOf = (rateLimit: GraphRateLimit): ReadLimits => ({ deadline: 1_005_000, rateLimit });

/** A source that fails for some agents, and leaves out those whose answer is `undefined`. */
function graph(answers: ReadonlyMap<ClientId, Error | undefined> = new Map()) {
  const asked: { agents: readonly ClientId[]; limits: ReadLimits; progress: ReadProgress }[] = [];
  const answerOf = async (agent: ClientId): Promise<ApplicationSnapshot> => {
    const answer = answers.get(agent);
    if (answer !== undefined) throw answer;
    return reading;
  };
  const source: ApplicationReader = {
    read: async (agent, limits, progress) => {
      asked.push({ agents: [agent], limits, progress: { ...progress } });
      return await answerOf(agent);
    },
    probe: async () => {},
    readMany: (which, limits, progress) => {
      asked.push({ agents: which, limits, progress: { ...progress } });
      const known = which.filter((agent) => !answers.has(agent) || answers.get(agent) !== undefined);
      return new Map(known.map((agent) => [agent, answerOf(agent)]));
    },
  };
  return { asked, directory: uncachedDirectory(source) };
}

test("a caller that can pay for none of several agents makes no request to Graph", async () => {
  const { asked, directory } = graph();
  const results = await directory.readMany(agents, limitsOf(rateLimitOf(0)));
  expect([...results.values()]).toEqual([tooMany, tooMany, tooMany]);
  expect(asked).toEqual([]);
});

describe("one agent", () => {
  test("is read each time, within the caller's limits, with its own count of attempts", async () => {
    const { asked, directory } = graph();
    const limits = limitsOf(rateLimitOf(2));
    expect([await directory.read(first, limits), await directory.read(first, limits)]).toEqual([
      reading,
      reading,
    ]);
    const one = { agents: [first], limits, progress: { attempts: 0 } };
    expect(asked).toEqual([one, one]);
    expect(limits.rateLimit).toMatchObject({ left: 0 });
  });

  test("is read by each of two callers at the same time", async () => {
    const { asked, directory } = graph();
    const limits = limitsOf(rateLimitOf(2));
    await Promise.all([directory.read(first, limits), directory.read(first, limits)]);
    expect(asked).toHaveLength(2);
  });

  test("is not read for a caller that cannot pay", async () => {
    const { asked, directory } = graph();
    await expect(directory.read(first, limitsOf(rateLimitOf(0)))).rejects.toBe(tooMany);
    expect(asked).toEqual([]);
  });

  test("that cannot be read has the reader's failure", async () => {
    const { directory } = graph(new Map([[first, unavailable]]));
    await expect(directory.read(first, limitsOf(rateLimitOf(1)))).rejects.toBe(unavailable);
  });
});

describe("many agents", () => {
  test("are read together, each time, and returned in the requested order", async () => {
    const { asked, directory } = graph();
    const limits = limitsOf(rateLimitOf(18));
    const expected = agents.map((agent) => [agent, reading]);
    expect([...(await directory.readMany(agents, limits))]).toEqual(expected);
    expect([...(await directory.readMany(agents, limits))]).toEqual(expected);
    const one = { agents, limits, progress: { attempts: 0 } };
    expect(asked).toEqual([one, one]);
    expect(limits.rateLimit).toMatchObject({ left: 12 });
  });

  test("are read as far as the caller can pay; the others fail with too many reads", async () => {
    const { asked, directory } = graph();
    const results = await directory.readMany(agents, limitsOf(rateLimitOf(2)));
    expect([...results]).toEqual([
      [first, reading],
      [second, reading],
      [third, tooMany],
    ]);
    expect(asked.map((one) => one.agents)).toEqual([[first], [second]]);
  });

  test.each([
    ["could not be read", unavailable],
    ["cost more than the caller can pay for", tooMany],
  ])("do not fail because of one that %s", async (_, failure) => {
    const { directory } = graph(new Map([[second, failure]]));
    expect([...(await directory.readMany(agents, limitsOf(rateLimitOf(9))))]).toEqual([
      [first, reading],
      [second, failure],
      [third, reading],
    ]);
  });

  test.each<[string, Error | undefined, string]>([
    ["a defect", defect, defect.message],
    ["an agent left out", undefined, "The reader returned no result for an agent"],
  ])("are a failure, not a list with a gap, if the reader has %s", async (_, answer, message) => {
    const { directory } = graph(new Map([[second, answer]]));
    await expect(directory.readMany(agents, limitsOf(rateLimitOf(9)))).rejects.toMatchObject({ message });
  });
});

describe("an rateLimit covers", () => {
  // Reading an agent to its end may take three requests.
  test.each<[left: number, paid: number]>([
    [1, 1],
    [2, 1],
    [3, 1],
    [6, 2],
    [8, 2],
    [9, 3],
    [100, 3],
  ])("with %d left, the first %d of 3 agents", (left, paid) => {
    expect(payFor(agents, rateLimitOf(left))).toEqual(agents.slice(0, paid));
  });

  test("none if nothing is left", () => expect(payFor(agents, rateLimitOf(0))).toBe(tooMany));

  test("or has a defect, which is thrown on", () => {
    const rateLimit = { ...rateLimitOf(0, defect), remaining: () => 3 };
    expect(() => payFor(agents, rateLimit)).toThrow(defect);
  });
});

test.each([unavailable, tooMany])("%s is one agent's own failure", (failure) => {
  expect(asReadFailure(failure)).toBe(failure);
});

test.each([defect, "text", undefined])("%s is a defect, and fails all", async (error) => {
  await expect(Promise.reject(error).catch(asReadFailure)).rejects.toBe(error);
});
