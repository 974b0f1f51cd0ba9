import { odata } from "@azure/data-tables";
import type { Clock, SessionStore } from "../../domain/ports.ts";
import type { RegistrationStore } from "../../domain/registration.ts";
import { countsAsLive, isWatched, openUntil } from "../../domain/session-state.ts";
import { takeTurns } from "../lib/take-turns.ts";
import { createRegistrationTable } from "./registration-table.ts";
import { createSessionTable } from "./session-table.ts";
import {
  createTableClient,
  type RunTableOperation,
  type TablesConnection,
  tableOperations,
} from "./table-operations.ts";

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
export function openStores(settings: StoreSettings): Stores {
  const { connection, agentsTable, sessionsTable, timeoutMs, clock, isChecked } = settings;
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

/** Reads Table Storage's clock: the `Date` header of a query without a result. */
export function readStorageTime(run: RunTableOperation): Promise<Date> {
  return run(async (client, abortSignal) => {
    let date: string | undefined;
    const pages = client.listEntities({
      queryOptions: { filter: odata`PartitionKey eq ''` },
      abortSignal,
      onResponse: ({ headers }) => {
        date = headers.get("date");
      },
    });
    await pages.byPage({ maxPageSize: 1 }).next();
    const time = new Date(date ?? Number.NaN);
    if (Number.isNaN(time.getTime())) throw new Error("Table Storage did not say what time it is");
    return time;
  });
}
