import { odata, type TableClient, type TransactionAction } from "@azure/data-tables";
import type { ClientId } from "../../domain/client-id.ts";
import type { SessionRemoval } from "../../domain/session.ts";
import { readPages } from "./entity-page.ts";
import {
  agentOf,
  isSession,
  LIVE_RANGE,
  partitionKeyAfter,
  partitionKeysOf,
  rowKeyAfter,
} from "./session-keys.ts";
import type { RunTableOperation } from "./table-operations.ts";

/** Table Storage's limit. */
const TRANSACTION_LIMIT = 100;
/** After this many failures in a row, the cause is probably not the records: the rest is left to the next run. */
const MAX_FAILURES_IN_A_ROW = 20;

/**
 * Removes old sessions, agent by agent. One query skips to the next agent's partitions. Old sessions are at the end of
 * each partition, so no newer ones are read. Deletes 100 in a transaction, in all 16 partitions of an agent in parallel.
 * Live sessions have other partitions, and are not read. Each page starts after the previous one, so the removal always
 * terminates. It skips rows that are not sessions of LKPS and those that can't be deleted; it reports the latter at the end.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions
 */
export async function removeSessionsBefore(
  run: RunTableOperation,
  before: Date,
  shouldContinue: () => boolean,
): Promise<SessionRemoval> {
  let removed = 0;
  let failure: unknown;
  const note = (error: unknown) => {
    failure ??= error;
  };

  const emptyPartition = async (partitionKey: string) => {
    let failuresInARow = 0;
    const removeEach = async (rowKeys: readonly string[]) => {
      for (const rowKey of rowKeys) {
        if (!shouldContinue()) return;
        const removeOne = async (client: TableClient, abortSignal: AbortSignal) => {
          await client.deleteEntity(partitionKey, rowKey, { abortSignal });
          removed++;
        };
        try {
          await run(removeOne, { ResourceNotFound: undefined });
          failuresInARow = 0;
        } catch (error) {
          note(error);
          if (++failuresInARow === MAX_FAILURES_IN_A_ROW) throw error;
        }
      }
    };
    const filter = odata`PartitionKey eq ${partitionKey} and RowKey gt ${rowKeyAfter(before)}`;
    const query = { filter, select: ["RowKey", "startedAt"] };
    for await (const page of readPages<{ rowKey: string; startedAt?: unknown }>(run, query)) {
      const old = page.filter(({ rowKey, startedAt }) => isSession(rowKey, startedAt));
      for (let n = 0; n < old.length && shouldContinue(); n += TRANSACTION_LIMIT) {
        const rowKeys = old.slice(n, n + TRANSACTION_LIMIT).map(({ rowKey }) => rowKey);
        const actions = rowKeys.map((rowKey): TransactionAction => ["delete", { partitionKey, rowKey }]);
        try {
          await run((client, abortSignal) => client.submitTransaction(actions, { abortSignal }));
          removed += actions.length;
        } catch {
          // Nothing was deleted, for example because another run, or a transaction whose response was lost, deleted one of
          // them already. Deleting them one by one shows what is wrong.
          await removeEach(rowKeys);
        }
      }
      if (!shouldContinue()) return;
    }
  };

  try {
    let agent = await nextAgent(run, "", shouldContinue);
    while (agent !== undefined) {
      await Promise.all(partitionKeysOf(agent).map((key) => emptyPartition(key).catch(note)));
      agent = await nextAgent(run, partitionKeyAfter(agent), shouldContinue);
    }
  } catch (error) {
    note(error);
  }
  return { removed, finished: failure === undefined && shouldContinue(), failure };
}

/** Finds the first agent with sessions after a partition key. */
async function nextAgent(
  run: RunTableOperation,
  after: string,
  shouldContinue: () => boolean,
): Promise<ClientId | undefined> {
  if (!shouldContinue()) return undefined;
  const filter = odata`PartitionKey gt ${after} and PartitionKey lt ${LIVE_RANGE[0]}`;
  // The next row is nearly always a session; others may follow only past rows that are not LKPS's.
  const query = { filter, select: ["PartitionKey"], pageSize: 100 };
  for await (const page of readPages<{ partitionKey: string }>(run, query)) {
    for (const { partitionKey } of page) {
      const agent = agentOf(partitionKey);
      if (agent !== undefined) return agent;
    }
    if (!shouldContinue()) return undefined;
  }
  return undefined;
}
