import { beforeEach, expect, test } from "vitest";
import { createAuthorizeOwner } from "../../src/application/authorize-owner.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { unlimited } from "../../src/domain/graph-reading.ts";
import { AGENT } from "../support/app-registration.ts";

const CONSOLE = "c0501e00-0000-4000-8000-000000000001" as ClientId;
const OWNER = "0b1ec700-0000-4000-8000-000000000001";
const T0 = 100_000;
let now: number;
/** The owners that the cache holds, when they were requested, and what Graph says now. */
let cached: { readonly owners: readonly string[]; readonly requestedAt: number } | undefined;
let graph: readonly string[];
/** How old the reading might be, of each read. */
let reads: (number | undefined)[];

beforeEach(() => {
  now = T0;
  cached = undefined;
  graph = [];
  reads = [];
});

const authorize = createAuthorizeOwner({
  consoleClientId: CONSOLE,
  agentOwners: {
    read: async (_agent, _limits, notBefore) => {
      reads.push(notBefore);
      const isGood = cached !== undefined && cached.requestedAt >= (notBefore ?? 0);
      const found = isGood && cached ? cached : { owners: graph, requestedAt: now };
      return { ...found, owners: new Set(found.owners), source: "graph", attempts: 1 };
    },
  },
  rateLimitOf: () => unlimited,
  clock: { elapsed: () => now },
  graphTimeoutMs: 5_000,
});
const isOwner = async () => {
  const person = {
    clientId: CONSOLE,
    isApplicationToken: false,
    scopes: ["access_as_user"],
    objectId: OWNER,
  };
  return (await authorize(person, AGENT, T0)) !== undefined;
};

test("an owner is let in on a cached reading", async () => {
  cached = { owners: [OWNER], requestedAt: T0 - 59_000 };
  expect([await isOwner(), reads]).toEqual([true, [undefined]]);
});

test("a new owner is let in at once: no refusal rests on a reading older than a second", async () => {
  cached = { owners: [], requestedAt: T0 - 1_001 };
  graph = [OWNER];
  expect([await isOwner(), reads]).toEqual([true, [undefined, T0 - 1_000]]);
});

test("a stranger is refused on a reading of the last second, without another", async () => {
  cached = { owners: [], requestedAt: T0 - 1_000 };
  graph = [OWNER];
  expect([await isOwner(), reads]).toEqual([false, [undefined]]);
});

test("a stranger is refused when the newer reading says so too", async () => {
  cached = { owners: [], requestedAt: T0 - 30_000 };
  expect([await isOwner(), reads]).toEqual([false, [undefined, T0 - 1_000]]);
});
