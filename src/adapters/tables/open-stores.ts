import type { RegistrationStore, SessionStore } from "../../domain/ports.ts";
import { createRegistrationTable } from "./registration-table.ts";
import { createSessionTable } from "./session-table.ts";
import { createTableClient, type TablesConnection } from "./table-client.ts";

/** Settings of Table Storage. */
export interface StoreSettings {
  readonly connection: TablesConnection;
  readonly agentsTable: string;
  readonly sessionsTable: string;
  /** The time limit of one operation, including retries. */
  readonly timeoutMs: number;
}

/** Opens the two tables of LKPS. */
export function openStores({ connection, agentsTable, sessionsTable, timeoutMs }: StoreSettings): {
  readonly registrations: RegistrationStore;
  readonly sessions: SessionStore;
} {
  return {
    registrations: createRegistrationTable(createTableClient(connection, agentsTable), timeoutMs),
    sessions: createSessionTable(createTableClient(connection, sessionsTable), timeoutMs),
  };
}
