import type { Clock, RegistrationStore, SessionStore } from "../../domain/ports.ts";
import { countsAsLive, isWatched, openUntil } from "../../domain/session-state.ts";
import { takeTurns } from "../lib/take-turns.ts";
import { createRegistrationTable } from "./registration-table.ts";
import { createSessionTable } from "./session-table.ts";
import { readStorageTime } from "./storage-time.ts";
import { createTableClient, type TablesConnection } from "./table-client.ts";
import { tableOperations } from "./table-operations.ts";

/** Settings of Table Storage. */
export interface StoreSettings {
  readonly connection: TablesConnection;
  readonly agentsTable: string;
  readonly sessionsTable: string;
  /** The time limit of one operation, including retries. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** Whether live sessions are checked. */
  readonly isChecked: boolean;
}

/** The stores in Table Storage. */
export interface Stores {
  readonly registrations: RegistrationStore;
  readonly sessions: SessionStore;
  /** The time by Table Storage's clock, to the second. */
  storageTime(): Promise<Date>;
}

/** Opens the two tables of LKPS. */
export function openStores({
  connection,
  agentsTable,
  sessionsTable,
  timeoutMs,
  clock,
  isChecked,
}: StoreSettings): Stores {
  const sessions = createTableClient(connection, sessionsTable);
  return {
    registrations: createRegistrationTable(createTableClient(connection, agentsTable), timeoutMs, clock),
    sessions: createSessionTable(sessions, timeoutMs, {
      isLive: (session) => isWatched(session, clock.now().getTime(), isChecked),
      isCounted: (session) => countsAsLive(session, clock.now().getTime(), isChecked),
      openUntilMs: (joinedAtMs) => openUntil(joinedAtMs, clock.now().getTime(), isChecked),
      takeTurn: takeTurns(clock, Number.POSITIVE_INFINITY, true),
    }),
    storageTime: () => readStorageTime(tableOperations(sessions, timeoutMs)),
  };
}
