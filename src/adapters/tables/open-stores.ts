import { isWatched } from "../../domain/session-state.ts";
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
    sessions: createSessionTable(sessions, timeoutMs, (session) =>
      isWatched(session, clock.now().getTime(), isChecked),
    ),
    storageTime: () => readStorageTime(tableOperations(sessions, timeoutMs)),
  };
}
