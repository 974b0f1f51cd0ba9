// What requests ask of Table Storage, Graph and the identity endpoint. Nothing here is a guess: tests/e2e/scale.test.ts
// counts it at the stand-ins.

import { OLDEST_DENIAL_MS } from "../../src/application/inquiry.ts";
import { SESSION_PARTITIONS } from "./load.ts";

/**
 * How a request uses the reading of its agent's application: one that lets the client in may be as old as the cache
 * allows, one that denies a second, and the owner's view has a reading of its own, of at most a second.
 */
type ReadingUse = "none" | "allows" | "denies" | "own";

/** Operations on tables and the use of a reading, by what came of a request. */
export const requests = {
  /** A merge; then an insert the first time, and a read each other time. */
  agentRegistered: { tables: 2, reading: "none" },
  sessionStarted: { tables: 2, reading: "allows" },
  sessionStartedOptedOut: { tables: 2, reading: "none" },
  startDenied: { tables: 1, reading: "denies" },
  startWithUnregistered: { tables: 1, reading: "none" },
  evaluationAllowed: { tables: 1, reading: "allows" },
  evaluationDenied: { tables: 1, reading: "denies" },
  clientsSearched: { tables: 1, reading: "denies" },
  authorizationViewed: { tables: 1, reading: "own" },
  /** Each partition of sessions, a page of a thousand each. */
  authorizationRehearsed: { tables: SESSION_PARTITIONS, reading: "denies" },
  sessionsListed: { tables: SESSION_PARTITIONS, reading: "none" },
  /** Asks for an agent that is nobody's, both of them once a second at most. */
  readinessProbed: { tables: 1, reading: "own" },
} as const satisfies Record<string, { readonly tables: number; readonly reading: ReadingUse }>;

/** Sessions that one query finds for removal, and that one transaction removes. */
export const PAGE = 1_000;
export const TRANSACTION = 100;

/** Making a table that an operation missed, and the operation again. */
const TABLE_MADE = 2;

/** A request, and when it comes in milliseconds. */
export interface Request {
  readonly at: number;
  readonly kind: keyof typeof requests;
  readonly agent: string;
}

/** How often each was asked. */
export interface Operations {
  readonly tables: number;
  readonly graph: number;
  readonly identity: number;
}

/** What these requests, in the order of their times, ask for on one instance that has just started. */
export function operationsOf(
  sent: readonly Request[],
  { cacheSeconds, newTables }: { readonly cacheSeconds: number; readonly newTables: number },
): Operations {
  const probes = sent.filter(({ kind }) => kind === "readinessProbed");
  const others = sent.filter(({ kind }) => kind !== "readinessProbed");
  const tables = [...others, ...onceASecond(probes)].reduce(
    (sum, { kind }) => sum + requests[kind].tables,
    newTables * TABLE_MADE,
  );
  const byAgent = Map.groupBy(sent, ({ agent }) => agent);
  const graph = [...byAgent.values()].reduce((sum, ofAgent) => sum + readsOf(ofAgent, cacheSeconds), 0);
  // One token for Graph, which outlasts the run. A storage account by identity would be another one.
  return { tables, graph, identity: graph > 0 ? 1 : 0 };
}

/** Those for which something is asked that is asked once a second at most. */
function onceASecond(sent: readonly Request[]): Request[] {
  let askedAt = Number.NEGATIVE_INFINITY;
  return sent.filter(({ at }) => {
    const isAsked = at - askedAt >= 1_000;
    if (isAsked) askedAt = at;
    return isAsked;
  });
}

/** How often Graph is asked for one agent. */
function readsOf(sent: readonly Request[], cacheSeconds: number): number {
  let reads = onceASecond(sent.filter(({ kind }) => requests[kind].reading === "own")).length;
  let readAt = Number.NEGATIVE_INFINITY;
  for (const { at, kind } of sent) {
    const { reading } = requests[kind];
    if (reading === "none" || reading === "own") continue;
    const age = at - readAt;
    const isKept = age < cacheSeconds * 1_000 && (reading === "allows" || age <= OLDEST_DENIAL_MS);
    if (isKept) continue;
    reads++;
    readAt = at;
  }
  return reads;
}

/**
 * What one run of the timer asks of Table Storage.
 *
 * @param agents - those with sessions
 * @param old - how many of a partition's sessions are beyond their retention, of each partition that has such
 */
export function operationsOfRemoval(agents: number, old: readonly number[]): number {
  // A page of tombstones, and what is there of them is deleted one by one: so few that they don't count.
  const tombstones = 1;
  const nextAgent = agents + 1;
  // The last page of each partition is empty; the others have a thousand, and a hundred go in a transaction.
  const lastPages = agents * SESSION_PARTITIONS;
  const ofOld = old.map((count) => Math.ceil(count / PAGE) + Math.ceil(count / TRANSACTION));
  return tombstones + nextAgent + lastPages + ofOld.reduce((sum, count) => sum + count, 0);
}
