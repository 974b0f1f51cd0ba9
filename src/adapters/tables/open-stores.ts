import type { RegistrationStore, SessionStore } from "../../domain/ports.ts";
import type { StoreSettings } from "./lazy-stores.ts";
import { createRegistrationTable } from "./registration-table.ts";
import { createSessionTable } from "./session-table.ts";
import { createTableClient } from "./table-client.ts";

/** Opens the two tables of LKPS. */
export function openStores({ connection, agentsTable, sessionsTable, timeoutMs, clock }: StoreSettings): {
  readonly registrations: RegistrationStore;
  readonly sessions: SessionStore;
} {
  return {
    registrations: createRegistrationTable(createTableClient(connection, agentsTable), timeoutMs, clock),
    sessions: createSessionTable(createTableClient(connection, sessionsTable), timeoutMs),
  };
}
