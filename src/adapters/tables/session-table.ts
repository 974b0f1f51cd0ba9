import type { TableClient } from "@azure/data-tables";
import type { ClientId } from "../../domain/client-id.ts";
import type { SessionStore } from "../../domain/ports.ts";
import { tableOperations } from "./table-operations.ts";

// Table Storage sorts by row key, ascending: counting down from here puts the newest first.
const LAST_MS = 9_999_999_999_999;

/** {@link SessionStore} in a table of Azure Table Storage. */
export function createSessionTable(table: TableClient, timeoutMs: number): SessionStore {
  const run = tableOperations(table, timeoutMs);
  return {
    add: (record) =>
      run(async (client, abortSignal) => {
        const entity = {
          partitionKey: partitionKeyOf(record.agent, record.sessionId),
          rowKey: rowKeyOf(record.startedAt, record.sessionId),
          sessionId: record.sessionId,
          client: record.client,
          basis: record.basis,
          roomName: record.roomName,
          participantIdentity: record.participantIdentity,
          startedAt: record.startedAt.toISOString(),
          expiresAt: record.expiresAt.toISOString(),
          decisionId: record.decisionId,
        };
        // An upsert, so that a retry after a lost answer finds its own record and no conflict.
        await client.upsertEntity(entity, "Replace", { abortSignal });
      }),
  };
}

/**
 * An agent's sessions lie in 16 partitions, told apart by the first digit of the session's random id: one partition
 * takes 2,000 operations a second, so one agent can start more sessions than the account's 20,000 a second allow.
 *
 * @see https://learn.microsoft.com/azure/storage/tables/scalability-targets
 */
function partitionKeyOf(agent: ClientId, sessionId: string): string {
  return `${agent}_${sessionId.charAt(0)}`;
}

function rowKeyOf(startedAt: Date, sessionId: string): string {
  const countdown = String(LAST_MS - startedAt.getTime()).padStart(13, "0");
  return `${countdown}_${sessionId}`;
}
