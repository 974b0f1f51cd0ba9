import { countsAsLive, isWatched } from "../../domain/session-state.ts";
import { takeTurns } from "../lib/take-turns.ts";
import type { LazyStores, StoreSettings } from "./lazy-stores.ts";
import { createRegistrationTable } from "./registration-table.ts";
import { createSessionTable } from "./session-table.ts";
import { readStorageTime } from "./storage-time.ts";
import { createTableClient } from "./table-client.ts";
import { tableOperations } from "./table-operations.ts";

/** Opens the two tables of LKPS. */
export function openStores({
  connection,
  agentsTable,
  sessionsTable,
  timeoutMs,
  clock,
  isChecked,
}: StoreSettings): Omit<LazyStores, "load"> {
  const sessions = createTableClient(connection, sessionsTable);
  return {
    registrations: createRegistrationTable(createTableClient(connection, agentsTable), timeoutMs, clock),
    sessions: createSessionTable(sessions, timeoutMs, {
      isLive: (session) => isWatched(session, clock.now().getTime(), isChecked),
      isCounted: (session) => countsAsLive(session, clock.now().getTime(), isChecked),
      takeTurn: takeTurns(clock, Number.POSITIVE_INFINITY),
    }),
    storageTime: () => readStorageTime(tableOperations(sessions, timeoutMs)),
  };
}
