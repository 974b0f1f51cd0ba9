import { SESSION_PARTITIONS } from "./load.ts";
import { operationsOfRemoval, PAGE, TRANSACTION } from "./operations.ts";

/** How long a query and a transaction of a hundred take in the region; assumed. */
const QUERY_SECONDS = 0.01;
const TRANSACTION_SECONDS = 0.1;

/** Agents that each have so many sessions. */
interface SessionsOfAgents {
  readonly agents: number;
  readonly sessions: number;
}

/** What a run of the timer takes: it comes each hour, for the sessions of an hour that are beyond their retention. */
export interface RemovalRun {
  readonly operations: number;
  readonly seconds: number;
}

/**
 * A run of the timer where agents have so many sessions an hour. Partitions of an agent are emptied at the same time,
 * agents one after the other. Beginning a page or a transaction is counted whole, so this is a little too much.
 */
export function removalRun(sessionsPerHour: readonly SessionsOfAgents[]): RemovalRun {
  let operations = operationsOfRemoval(0, []);
  let seconds = QUERY_SECONDS;
  for (const { agents, sessions } of sessionsPerHour) {
    const old = sessions / SESSION_PARTITIONS;
    const hasAny = -Math.expm1(-old);
    const pages = hasAny + old / PAGE;
    const transactions = hasAny + old / TRANSACTION;
    const idle = operationsOfRemoval(1, []) - operationsOfRemoval(0, []);
    operations += agents * (idle + SESSION_PARTITIONS * (pages + transactions));
    seconds += agents * ((2 + pages) * QUERY_SECONDS + transactions * TRANSACTION_SECONDS);
  }
  return { operations, seconds };
}
