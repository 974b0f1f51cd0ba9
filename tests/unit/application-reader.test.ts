import { describe, expect, test } from "vitest";
import { createApplicationReader } from "../../src/adapters/graph/application-reader.ts";
import { type GraphAnswer, UnreadableAnswerError } from "../../src/adapters/graph/graph-client.ts";
import { TooLargeError } from "../../src/adapters/lib/response-text.ts";
import type { ApplicationSnapshot } from "../../src/domain/application-snapshot.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { DependencyError } from "../../src/domain/dependency-error.ts";
import { type GraphRateLimit, unlimited } from "../../src/domain/graph-rate-limit.ts";
import { RateLimitError } from "../../src/domain/rate-limit-error.ts";
import { agentIdentity, api, BLUEPRINT, NOT_FOUND } from "../support/app-registration.ts";

const agents = [1, 2, 3].map((n) => `a9e17000-0000-4000-8000-00000000000${n}` as ClientId);
const pathOf = (agent: ClientId | undefined) => `/applications(appId='${agent}')?$select=api`;

const good = { status: 200, body: { api: api() } };
const missing = { status: 404, body: NOT_FOUND };
type Part = { status: number; body?: unknown; headers?: Record<string, string> };
const answer = (status: number, json?: unknown, retryAfter: string | null = null): GraphAnswer => ({
  status,
  retryAfter,
  json,
});
const alone = ({ status, body }: Part) => answer(status, body);

/** What Graph answers to a batch for these agents, and to the agents one by one. It has no service principals. */
interface World {
  readonly batch: (asked: readonly ClientId[], time: number) => GraphAnswer | Error;
  readonly single?: (agent: ClientId) => GraphAnswer | Error;
}
/** A batch's answer with these parts. */
const parts = (asked: readonly ClientId[], of: (agent: ClientId) => Part | undefined) =>
  answer(200, {
    // Graph answers in any order.
    responses: asked
      .flatMap((agent, n) => {
        const part = of(agent);
        return part === undefined ? [] : [{ id: String(agents.indexOf(asked[n] as ClientId)), ...part }];
      })
      .reverse(),
  });

/** The same answer with each part twice. */
const twice = ({ status, json }: GraphAnswer): GraphAnswer => {
  const { responses } = json as { responses: unknown[] };
  return answer(status, { responses: [...responses, ...responses] });
};

/** Reads the three agents together: what became of each, and what Graph was asked. */
async function readAll({ batch, single }: World, rateLimit: GraphRateLimit = unlimited, timeoutMs = 5_000) {
  const asked: (number | ClientId | "principals")[] = [];
  let batches = 0;
  const directory = createApplicationReader(async ({ path, body }, _signal, onSend) => {
    onSend?.();
    const { requests } = (body ?? { requests: [] }) as { requests: { id: string; url: string }[] };
    if (requests.some(({ url }) => url.startsWith("/servicePrincipals"))) {
      asked.push("principals");
      return answer(200, { responses: requests.map(({ id }) => ({ id, ...missing })) });
    }
    const named = requests.map(({ url }) => agents.find((agent) => url === pathOf(agent)) as ClientId);
    const own = agents.find((agent) => path === pathOf(agent));
    asked.push(own ?? named.length);
    const result = own === undefined ? batch(named, batches++) : (single ?? (() => alone(good)))(own);
    if (result instanceof Error) throw result;
    return result;
  });
  const limits = { deadline: performance.now() + timeoutMs, rateLimit };
  const readings = directory.readMany(agents, limits, { attempts: 0 });
  const results = await Promise.allSettled(agents.map((agent) => readings.get(agent)));
  return { asked, results: results.map(inWords) };
}
function inWords(result: PromiseSettledResult<ApplicationSnapshot | undefined>): string {
  if (result.status === "fulfilled") {
    const { identity, attempts } = result.value as ApplicationSnapshot;
    return `${identity === null ? "missing" : "read"} ${attempts}`;
  }
  const { reason } = result;
  if (reason instanceof RateLimitError) return `too many ${reason.attempts}`;
  return reason instanceof DependencyError ? `${reason.code} ${reason.attempts}` : String(reason);
}
const [first, second, third] = agents as [ClientId, ClientId, ClientId];
const tooLarge = new UnreadableAnswerError(new TooLargeError("more than 4194304 bytes"));

test("each agent has its own part of one request", async () => {
  const batch: World["batch"] = (asked) => parts(asked, (agent) => (agent === second ? missing : good));
  expect(await readAll({ batch })).toEqual({
    asked: [3, "principals"],
    results: ["read 1", "missing 2", "read 1"],
  });
});

describe("a batch that cannot be read is split, and a failure is that agent's alone", () => {
  test.each<[string, World["batch"]]>([
    ["is too large", () => tooLarge],
    ["breaks off", () => new UnreadableAnswerError(new Error("terminated"))],
    ["is not JSON", () => answer(200, undefined)],
    ["is not a batch response", () => answer(200, { responses: {} })],
    ["holds no part", () => answer(200, { responses: [] })],
    [
      "holds parts without an id, a status",
      () => answer(200, { responses: [{ status: 200 }, { id: "0" }, null] }),
    ],
    ["is 400", () => answer(400)],
    ["is 400 with parts", (asked) => answer(400, (parts(asked, () => good) as { json: unknown }).json)],
    ["holds two parts with one id", (asked) => twice(parts(asked, () => good))],
    ["is 404, also with the code for a missing application", () => answer(404, missing.body)],
    ["is a redirection", () => answer(302)],
  ])("one that %s", async (_, batch) => {
    const single = (agent: ClientId) =>
      agent === second ? tooLarge : alone(agent === third ? missing : good);
    const { asked, results } = await readAll({ batch, single });
    expect(asked).toEqual([3, first, second, third, "principals"]);
    expect(results).toEqual(["read 2", "directory_unavailable 2", "missing 2"]);
  });

  test("and only the ones that it left out are requested one by one", async () => {
    const batch: World["batch"] = (asked) => parts(asked, (agent) => (agent === second ? undefined : good));
    expect(await readAll({ batch })).toEqual({ asked: [3, second], results: ["read 1", "read 2", "read 1"] });
  });

  test("an invalid part fails on its own, and nothing is requested again", async () => {
    const wrong = { status: 200, body: { api: [] } };
    const batch: World["batch"] = (asked) => parts(asked, (agent) => (agent === first ? wrong : good));
    const { asked, results } = await readAll({ batch });
    expect([asked, results]).toEqual([[3], ["directory_unavailable 1", "read 1", "read 1"]]);
  });
});

test("an answer that is nested too deep to be written is unusable, and no defect, in a batch too", async () => {
  const body: unknown = JSON.parse(`{"api":{"x":${"[".repeat(200_000)}${"]".repeat(200_000)}}}`);
  const batch: World["batch"] = (asked) =>
    parts(asked, (agent) => (agent === second ? { status: 200, body } : good));
  const { results } = await readAll({ batch });
  expect(results).toEqual(["read 1", "directory_unavailable 1", "read 1"]);
});

describe("what is everybody's multiplies no requests", () => {
  test.each<[number, string]>([
    [401, "directory_access_denied"],
    [403, "directory_access_denied"],
    [500, "directory_unavailable"],
    [502, "directory_unavailable"],
  ])("a whole batch answered %d: %s", async (status, code) => {
    const { asked, results } = await readAll({ batch: () => answer(status) });
    expect(asked).toEqual([3]);
    expect(results).toEqual(Array(3).fill(`${code} 1`));
  });

  test.each([429, 503, 504])("a whole batch answered %d for longer than there is time", async (status) => {
    const { asked, results } = await readAll({ batch: () => answer(status, undefined, "60") });
    expect(asked).toEqual([3]);
    expect(results).toEqual(Array(3).fill("directory_unavailable 1"));
  });

  test("a Graph that cannot be reached", async () => {
    const { asked, results } = await readAll({ batch: () => new Error("refused") }, unlimited, 150);
    expect(new Set(asked)).toEqual(new Set([3]));
    expect(new Set(results).size).toBe(1);
    expect(results[0]).toMatch(/^directory_unavailable [1-9]$/);
  });

  test("one that never answers", async () => {
    const directory = createApplicationReader((_call, _signal, onSend) => {
      onSend?.();
      return new Promise(() => {});
    });
    const limits = { deadline: performance.now() + 50, rateLimit: unlimited };
    const readings = directory.readMany(agents, limits, { attempts: 0 });
    const results = await Promise.allSettled(readings.values());
    expect(results.map(inWords)).toEqual(Array(3).fill("directory_unavailable 1"));
  });
});

describe("parts that Graph had no time for", () => {
  const busy = { status: 503, headers: { "Retry-After": "0" } };

  test("are requested again, and no others", async () => {
    const batch: World["batch"] = (asked, time) =>
      parts(asked, (agent) => (agent === second && time === 0 ? busy : good));
    expect(await readAll({ batch })).toEqual({ asked: [3, 1], results: ["read 1", "read 2", "read 1"] });
  });

  test("do not delay agents whose part was answered", async () => {
    const directory = createApplicationReader(async ({ body }) => {
      const { requests } = body as { requests: { url: string }[] };
      if (requests.length === 1) return await new Promise(() => {});
      return parts(agents, (agent) => (agent === second ? busy : good));
    });
    const limits = { deadline: performance.now() + 400, rateLimit: unlimited };
    const readings = directory.readMany(agents, limits, { attempts: 0 });
    const slow = readings.get(second)?.catch((error) => error.code);
    const order = await Promise.race([
      Promise.all([readings.get(first), readings.get(third)]).then(() => "the others"),
      slow,
    ]);
    expect(order).toBe("the others");
    expect(await slow).toBe("directory_unavailable");
  });

  test("fail at once and on their own if they would have to wait too long", async () => {
    const batch: World["batch"] = (asked, time) =>
      parts(asked, (agent) => {
        if (agent === first) return { status: 429, headers: { "Retry-After": "3600" } };
        return agent === second && time === 0 ? busy : good;
      });
    const { asked, results } = await readAll({ batch });
    expect([asked, results]).toEqual([
      [3, 1],
      ["directory_unavailable 1", "read 2", "read 1"],
    ]);
  });
});

describe("requests beyond the first are taken from the rateLimit", () => {
  const rateLimitOf = (requests: number): GraphRateLimit => ({
    acquire: () => {
      if (requests-- <= 0) throw new RateLimitError(1_000);
    },
    markSent: () => {},
    remaining: () => requests,
  });

  test("before they wait, and count from when they are sent", async () => {
    let taken = 0;
    const sent: (readonly [count: number, taken: number])[] = [];
    const rateLimit: GraphRateLimit = {
      acquire: () => void taken++,
      markSent: (count = 1) => void sent.push([count, taken]),
      remaining: () => 100,
    };
    const batch: World["batch"] = (asked, time) =>
      parts(asked, (agent) => (agent === first && time === 0 ? { status: 503 } : missing));
    await readAll({ batch }, rateLimit);
    // All three; the service principals of two while the third waits for its retry; that retry; its service principal.
    expect(sent).toEqual([
      [3, 0],
      [2, 3],
      [1, 3],
      [1, 4],
    ]);
  });

  test("and a read ends if its request waited so long that it is no longer paid for", async () => {
    let taken = 0;
    const rateLimit: GraphRateLimit = {
      acquire: () => void taken++,
      remaining: () => 100,
      markSent: () => {
        throw new RateLimitError(1_000);
      },
    };
    const batch: World["batch"] = (asked) => parts(asked, () => good);
    expect(await readAll({ batch }, rateLimit)).toEqual({
      asked: [],
      results: ["too many 0", "too many 0", "too many 0"],
    });
    expect(taken).toBe(0);
  });

  test("each part of a split batch", async () => {
    const { asked, results } = await readAll({ batch: () => tooLarge }, rateLimitOf(2));
    expect([asked, results]).toEqual([
      [3, first, second],
      ["read 2", "read 2", "too many 0"],
    ]);
  });

  test("each part of a batch that is requested again", async () => {
    const batch: World["batch"] = (asked) =>
      parts(asked, (agent) => (agent === second ? good : { status: 503 }));
    const { asked, results } = await readAll({ batch }, rateLimitOf(1));
    expect([asked, results]).toEqual([[3], ["too many 1", "read 1", "too many 1"]]);
  });

  test("a retry of a single read", async () => {
    const directory = createApplicationReader(async () => answer(503));
    const limits = { deadline: performance.now() + 5_000, rateLimit: rateLimitOf(0) };
    await expect(directory.read(first, limits, { attempts: 0 })).rejects.toBeInstanceOf(RateLimitError);
  });
});

describe("an agent without its own application", () => {
  const [application, principal, blueprint] = [
    pathOf(first),
    `/servicePrincipals(appId='${first}')`,
    pathOf(BLUEPRINT as ClientId),
  ];
  const is = (changes: Record<string, unknown> = {}) => ({ status: 200, body: agentIdentity(changes) });

  /** Reads it alone, or with another agent in a batch: what came of it, and what Graph was asked for it. */
  async function readOne(
    answers: Record<string, Part>,
    { isBatch = false, rateLimit = unlimited }: { isBatch?: boolean; rateLimit?: GraphRateLimit } = {},
  ) {
    const asked: string[] = [];
    const partOf = (path: string) => {
      if (path !== pathOf(second)) asked.push(path);
      return path === pathOf(second) ? good : (answers[path] ?? missing);
    };
    const source = createApplicationReader(async ({ path, body }, _signal, onSend) => {
      onSend?.();
      const { requests } = (body ?? { requests: [] }) as { requests: { id: string; url: string }[] };
      if (body === undefined) return alone(partOf(path));
      return answer(200, { responses: requests.map(({ id, url }) => ({ id, ...partOf(url) })) });
    });
    const limits = { deadline: performance.now() + 5_000, rateLimit };
    const reading = isBatch
      ? source.readMany([first, second], limits, { attempts: 0 }).get(first)
      : source.read(first, limits, { attempts: 0 });
    const [result] = await Promise.allSettled([reading]);
    return { asked, result };
  }
  const approved = { [principal]: is(), [blueprint]: good };

  describe.each([{ isBatch: false }, { isBatch: true }])("in a batch: $isBatch", ({ isBatch }) => {
    test.each<[string, Record<string, Part>, Record<string, unknown> | null, string[]]>([
      [
        "is decided by its blueprint",
        approved,
        { disabledBy: [], blueprint: BLUEPRINT },
        [principal, blueprint],
      ],
      [
        "is disabled",
        { ...approved, [principal]: is({ accountEnabled: false }) },
        { disabledBy: ["tenant"], blueprint: BLUEPRINT },
        [principal, blueprint],
      ],
      [
        "is disabled by Microsoft, in a way that is not known yet",
        { ...approved, [principal]: is({ disabledByMicrosoftStatus: "New" }) },
        { disabledBy: ["microsoft"] },
        [principal, blueprint],
      ],
      [
        "has its blueprint in another tenant",
        { [principal]: is() },
        { application: null },
        [principal, blueprint],
      ],
      [
        "has no blueprint",
        { ...approved, [principal]: is({ agentIdentityBlueprintId: null }) },
        { application: null, blueprint: null },
        [principal],
      ],
      [
        "is of another type",
        { ...approved, [principal]: is({ "@odata.type": undefined }) },
        null,
        [principal],
      ],
      ["does not exist", {}, null, [principal]],
    ])("%s", async (_, answers, identity, further) => {
      const { asked, result } = await readOne(answers, { isBatch });
      expect(asked).toEqual([application, ...further]);
      expect(result).toMatchObject({ value: { attempts: 1 + further.length, source: "graph" } });
      const read = (result as PromiseFulfilledResult<ApplicationSnapshot>).value.identity;
      if (identity === null) expect(read).toBeNull();
      else expect(read).toMatchObject({ kind: "agent_identity", ...identity });
    });

    test.each<[string, Part]>([
      ["accountEnabled is missing", is({ accountEnabled: undefined })],
      ["accountEnabled is text", is({ accountEnabled: "true" })],
      ["the blueprint is not an id", is({ agentIdentityBlueprintId: "')/owners" })],
      ["the blueprint is a number", is({ agentIdentityBlueprintId: 7 })],
      ["it is a list", { status: 200, body: [agentIdentity()] }],
      ["it is text", { status: 200, body: "agentIdentity" }],
      ["it is null", { status: 200, body: null }],
      ["it is 404 with another code", { status: 404, body: { error: { code: "ResourceNotFound" } } }],
      ["it is 400, as Graph answers right after a write", { status: 400 }],
    ])("is not a decision if, in the answer, %s", async (_, part) => {
      const { asked, result } = await readOne({ ...approved, [principal]: part }, { isBatch });
      expect(result).toMatchObject({ reason: { code: "directory_unavailable", attempts: 2 } });
      // Without words from Graph's answer, which may be an owner's.
      const { cause, message } = (result as PromiseRejectedResult).reason;
      expect(String(cause ?? message)).toMatch(/^(Error: )?Graph('s answer is not| returned)/);
      expect(asked).toEqual([application, principal]);
    });

    test.each([principal, blueprint])("is access denied if Graph denies %s", async (path) => {
      const { result } = await readOne({ ...approved, [path]: { status: 403 } }, { isBatch });
      expect(result).toMatchObject({ reason: { code: "directory_access_denied" } });
    });

    test("is paid for with each of its requests", async () => {
      let paid = 0;
      let sent = 0;
      const rateLimit: GraphRateLimit = {
        acquire: () => void paid++,
        markSent: (count = 1) => {
          sent += count;
        },
        remaining: () => 100,
      };
      await readOne(approved, { isBatch, rateLimit });
      // The caller has paid for the first one, in the batch also for another agent's.
      expect([paid, sent]).toEqual([2, isBatch ? 4 : 3]);
    });
  });

  test("has one digest over what counts: disabling and moving it changes that, a new name does not", async () => {
    const digestOf = async (changes: Record<string, unknown>, of: Part = good) => {
      const { result } = await readOne({ [principal]: is(changes), [blueprint]: of });
      return (result as PromiseFulfilledResult<ApplicationSnapshot>).value.digest;
    };
    const digest = await digestOf({});
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await digestOf({ displayName: "Renamed" })).toBe(digest);
    const byTenant = await digestOf({ accountEnabled: false });
    const byMicrosoft = await digestOf({ disabledByMicrosoftStatus: "New" });
    expect(new Set([digest, byTenant, byMicrosoft]).size).toBe(3);
    expect(
      await digestOf({}, { status: 200, body: { api: api({ preAuthorizedApplications: [] }) } }),
    ).not.toBe(digest);
    // The first is agent_application_not_found, the second scope_not_exposed.
    expect(await digestOf({}, missing)).not.toBe(await digestOf({}, { status: 200, body: { api: null } }));
  });

  test("has one time, that of the first request", async () => {
    let sent = 0;
    const times: number[] = [];
    const source = createApplicationReader(async ({ path }, _signal, onSend) => {
      onSend?.();
      times[sent++] = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 5));
      return alone({ ...approved, [application]: missing }[path] ?? missing);
    });
    const limits = { deadline: performance.now() + 5_000, rateLimit: unlimited };
    const { requestedAt } = await source.read(first, limits, { attempts: 0 });
    expect(times).toHaveLength(3);
    expect(requestedAt).toBeLessThanOrEqual(times[0] as number);
  });
});
