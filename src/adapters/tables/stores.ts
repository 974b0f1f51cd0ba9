import type { RegistrationStore, SessionStore } from "../../domain/ports.ts";
import { createRegistrationTable } from "./registration-table.ts";
import { createSessionTable } from "./session-table.ts";
import { createTableClient, type TablesConnection } from "./table-client.ts";

/** What LKPS keeps, in two tables of one storage account; each operation ends within `timeoutMs`. */
export function createStores(
  connection: TablesConnection,
  names: { readonly agents: string; readonly sessions: string },
  timeoutMs: number,
): { readonly registrations: RegistrationStore; readonly sessions: SessionStore } {
  return {
    registrations: createRegistrationTable(createTableClient(connection, names.agents), timeoutMs),
    sessions: createSessionTable(createTableClient(connection, names.sessions), timeoutMs),
  };
}
