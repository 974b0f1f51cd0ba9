import { describe, expect, test } from "vitest";
import { createIdentityReader } from "../../src/adapters/graph/identity-reader.ts";
import { systemClock as clock } from "../../src/adapters.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import {
  type ApplicationSnapshot,
  type GraphRateLimit,
  RateLimitError,
  unlimited,
} from "../../src/domain/graph-reading.ts";
import { agentIdentity, api, BLUEPRINT, NOT_FOUND } from "../support/app-registration.ts";
import { type GraphReply, graphOf, limited } from "../support/graph-replies.ts";

const [first, second] = [1, 2].map((n) => `a9e17000-0000-4000-8000-00000000000${n}` as ClientId) as [
  ClientId,
  ClientId,
];
const pathOf = (agent: ClientId, select = "api") => `/applications(appId='${agent}')?$select=${select}`;
const good = { status: 200, body: { api: api() } };
const missing = { status: 404, body: NOT_FOUND };

const limitsOf = (rateLimit: GraphRateLimit) => ({ deadline: clock.elapsed() + 5_000, rateLimit });
/** A reader of a Graph with these responses; what it requested, and when. */
function readerOf(responseTo: (path: string) => GraphReply) {
  const { callGraph, asked, times } = graphOf(responseTo);
  const reader = createIdentityReader(callGraph, clock);
  type Started = ReturnType<typeof reader.read>[number];
  const read = (...given: Parameters<typeof reader.read>) => reader.read(...given) as [Started, Started];
  return { reader: { ...reader, read }, asked, times };
}

test("an agent is read with one plain request, and each of several with its part of a batch", async () => {
  const { reader, asked } = readerOf((path) => (path === pathOf(second) ? { status: 500 } : good));
  const [alone] = reader.read([first], limitsOf(unlimited));
  expect(await alone.result).toMatchObject({
    identity: { kind: "application" },
    attempts: 1,
    source: "graph",
  });
  const [one, other] = reader.read([first, second], limitsOf(unlimited));
  expect(await one.result).toMatchObject({ identity: { kind: "application" }, attempts: 1 });
  await expect(other.result).rejects.toMatchObject({ code: "directory_unavailable", attempts: 1 });
  expect(asked).toEqual([first, first, second].map((agent) => pathOf(agent)));
});

test("an invalid response fails on its own, and nothing is requested again", async () => {
  const deep: unknown = JSON.parse(`{"api":{"x":${"[".repeat(200_000)}${"]".repeat(200_000)}}}`);
  for (const body of [{ api: [] }, deep, null]) {
    const { reader, asked } = readerOf((path) => (path === pathOf(second) ? { status: 200, body } : good));
    const [one, other] = reader.read([first, second], limitsOf(unlimited));
    await expect(other.result).rejects.toMatchObject({ code: "directory_unavailable" });
    expect(await one.result).toMatchObject({ attempts: 1 });
    expect(asked).toHaveLength(2);
  }
});

describe("nothing is sent", () => {
  test("if the rate limit does not cover the first request for each agent", () => {
    const { reader, asked } = readerOf(() => good);
    const rateLimit = limited(1);
    expect(() => reader.read([first, second], limitsOf(rateLimit))).toThrow(RateLimitError);
    expect([asked, rateLimit.remaining()]).toEqual([[], 1]);
  });

  test("and nothing counts if the deadline has passed", async () => {
    const { reader, asked } = readerOf(() => good);
    const late = { deadline: clock.elapsed(), rateLimit: limited(1) };
    expect(() => reader.read([first], late)).toThrow(
      expect.objectContaining({ code: "directory_unavailable" }),
    );
    await expect(reader.probe(late)).rejects.toMatchObject({ code: "directory_unavailable", attempts: 0 });
    expect([asked, late.rateLimit.remaining()]).toEqual([[], 1]);
  });
});

test("a read of which Graph answers nothing ends at its deadline, and says that it was sent", async () => {
  const reader = createIdentityReader((_request, _signal, progress) => {
    progress.attempts++;
    return new Promise(() => {});
  }, clock);
  const reads = reader.read([first, second], { deadline: clock.elapsed() + 1_000, rateLimit: unlimited });
  for (const { result } of reads)
    await expect(result).rejects.toMatchObject({ code: "directory_unavailable", attempts: 1 });
});

test("an owner's view has the app roles too", async () => {
  const { reader, asked } = readerOf(() => ({ status: 200, body: { api: api(), appRoles: [{}] } }));
  const rateLimit = limited(1);
  const owned = await reader.readOwned(first, limitsOf(rateLimit)).result;
  expect(owned.identity).toEqual({ kind: "application", application: { api: api(), appRoles: [{}] } });
  expect([asked, rateLimit.remaining()]).toEqual([[pathOf(first, "api,appRoles")], 0]);
});

test.each<[string, GraphReply, boolean]>([
  ["an application that does not exist", missing, true],
  ["an application", good, true],
  ["an answer without an api", { status: 200, body: {} }, false],
  ["access denied", { status: 403 }, false],
])("a probe is one request, and %s is fine: %j %j", async (_, part, isFine) => {
  const { reader, asked } = readerOf(() => part);
  const outcome = await reader.probe(limitsOf(unlimited)).then(
    () => true,
    () => false,
  );
  expect([outcome, asked.length]).toEqual([isFine, 1]);
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
    parts: Record<string, GraphReply>,
    { isBatch = false, rateLimit = unlimited }: { isBatch?: boolean; rateLimit?: GraphRateLimit } = {},
  ) {
    const { reader, asked } = readerOf((path) => (path === pathOf(second) ? good : (parts[path] ?? missing)));
    const [read] = reader.read(isBatch ? [first, second] : [first], limitsOf(rateLimit));
    const [result] = await Promise.allSettled([read?.result]);
    return { asked: asked.filter((path) => path !== pathOf(second)), result };
  }
  const approved = { [principal]: is(), [blueprint]: good };

  describe.each([{ isBatch: false }, { isBatch: true }])("in a batch: $isBatch", ({ isBatch }) => {
    test.each<[string, Record<string, GraphReply>, Record<string, unknown> | null, string[]]>([
      ["is its blueprint's", approved, { disabledBy: [], blueprint: BLUEPRINT }, [principal, blueprint]],
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
      ["has a foreign blueprint", { [principal]: is() }, { application: null }, [principal, blueprint]],
      [
        "has no blueprint",
        { ...approved, [principal]: is({ agentIdentityBlueprintId: null }) },
        { application: null, blueprint: null },
        [principal],
      ],
      ["is another type", { ...approved, [principal]: is({ "@odata.type": undefined }) }, null, [principal]],
      ["does not exist", {}, null, [principal]],
    ])("%s", async (_, answers, identity, further) => {
      const { asked, result } = await readOne(answers, { isBatch });
      expect(asked).toEqual([application, ...further]);
      expect(result).toMatchObject({ value: { attempts: 1 + further.length, source: "graph" } });
      const read = (result as PromiseFulfilledResult<ApplicationSnapshot>).value.identity;
      if (identity === null) expect(read).toBeNull();
      else expect(read).toMatchObject({ kind: "agent_identity", ...identity });
    });

    test.each<[string, GraphReply]>([
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

    test("acquires each of its requests before it is sent", async () => {
      const enough = limited(isBatch ? 4 : 3);
      expect(await readOne(approved, { isBatch, rateLimit: enough })).toMatchObject({
        result: { status: "fulfilled" },
      });
      expect(enough.remaining()).toBe(0);
      const { asked, result } = await readOne(approved, { isBatch, rateLimit: limited(isBatch ? 3 : 2) });
      expect(result).toMatchObject({ reason: { name: "RateLimitError", attempts: 2 } });
      expect(asked).toEqual([application, principal]);
    });
  });

  test("has one digest over what counts: disabling and moving it changes that, a new name does not", async () => {
    const digestOf = async (changes: Record<string, unknown>, of: GraphReply = good) => {
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
    const { reader, times } = readerOf((path) =>
      path === principal ? is() : path === blueprint ? good : missing,
    );
    const [{ result }] = reader.read([first], limitsOf(unlimited));
    expect((await result).requestedAt).toBe(times[0]);
    expect(times).toHaveLength(3);
  });
});
