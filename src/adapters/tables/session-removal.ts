import { odata, type TransactionAction } from "@azure/data-tables";
import type { ClientId } from "../../domain/client-id.ts";
import type { SessionRemoval } from "../../domain/session.ts";
import { MAX_PAGE_SIZE, readFirstPage } from "./entity-page.ts";
import { agentOf, isSession, partitionKeyAfter, partitionKeysOf, rowKeyAfter } from "./session-keys.ts";
import type { RunTableOperation } from "./table-operations.ts";

/** Table Storage's limit. */
const TRANSACTION_LIMIT = 100;
/**
 * After this many consecutive failures, the cause is probably not the records: leave the rest of the
 * partition to the next run.
 */
const MAX_FAILURES_IN_A_ROW = 20;

interface Keys {
  readonly partitionKey: string;
  readonly rowKey: string;
}

/**
 * Removes old sessions, agent by agent. One query skips to the next agent's partitions. Old sessions are at
 * the end of each partition, so no newer ones are read. Deletes 100 in a transaction, in all 16 partitions of
 * an agent in parallel.
 *
 * Each query starts after the last key seen, so the removal always terminates. It skips rows that are not
 * sessions of LKPS and those that can't be deleted; it reports the latter at the end.
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
  try {
    let agent = await nextAgent(run, "", shouldContinue);
    while (agent !== undefined) {
      const removals = partitionKeysOf(agent).map((key) => emptyPartition(run, key, before, shouldContinue));
      for (const partition of await Promise.all(removals)) {
        removed += partition.removed;
        failure ??= partition.failure;
      }
      agent = await nextAgent(run, partitionKeyAfter(agent), shouldContinue);
    }
  } catch (error) {
    failure ??= error;
  }
  return { removed, finished: failure === undefined && shouldContinue(), failure };
}

/** Finds the first agent with sessions after a partition key. */
async function nextAgent(
  run: RunTableOperation,
  after: string,
  shouldContinue: () => boolean,
): Promise<ClientId | undefined> {
  let position = after;
  // The next row is nearly always a session, so read one; read more only past other rows.
  for (let pageSize = 1; shouldContinue(); pageSize = MAX_PAGE_SIZE) {
    const filter = odata`PartitionKey gt ${position}`;
    const page = await readFirstPage<Keys>(run, { filter, select: ["PartitionKey"], pageSize });
    for (const { partitionKey } of page) {
      const agent = agentOf(partitionKey);
      if (agent !== undefined) return agent;
      position = partitionKey;
    }
    if (page.length === 0) break;
  }
  return undefined;
}

async function emptyPartition(
  run: RunTableOperation,
  partitionKey: string,
  before: Date,
  shouldContinue: () => boolean,
): Promise<{ readonly removed: number; readonly failure: unknown }> {
  let removed = 0;
  let failure: unknown;
  let failuresInARow = 0;

  const removeEach = async (keys: readonly Keys[]) => {
    for (const one of keys) {
      if (!shouldContinue()) return;
      try {
        removed += await removeOne(run, one);
        failuresInARow = 0;
      } catch (error) {
        failure ??= error;
        if (++failuresInARow === MAX_FAILURES_IN_A_ROW) throw error;
      }
    }
  };

  try {
    let position = rowKeyAfter(before);
    while (shouldContinue()) {
      const filter = odata`PartitionKey eq ${partitionKey} and RowKey gt ${position}`;
      const select = ["PartitionKey", "RowKey", "startedAt"];
      const page = await readFirstPage<Keys & { startedAt?: unknown }>(run, { filter, select });
      const last = page.at(-1);
      if (last === undefined) break;
      const old = page.filter(({ rowKey, startedAt }) => isSession(rowKey, startedAt));
      for (let n = 0; n < old.length && shouldContinue(); n += TRANSACTION_LIMIT) {
        const together = old.slice(n, n + TRANSACTION_LIMIT);
        if (await removeTogether(run, together)) removed += together.length;
        else await removeEach(together);
      }
      position = last.rowKey;
    }
  } catch (error) {
    failure ??= error;
  }
  return { removed, failure };
}

/**
 * Deletes entities of one partition in one transaction, all or none. Returns `false` if it failed, for
 * example because one of them was already deleted by another run, or by a transaction whose response was
 * lost.
 */
async function removeTogether(run: RunTableOperation, keys: readonly Keys[]): Promise<boolean> {
  const actions = keys.map(({ partitionKey, rowKey }): TransactionAction => {
    return ["delete", { partitionKey, rowKey }];
  });
  try {
    await run((client, abortSignal) => client.submitTransaction(actions, { abortSignal }));
    return true;
  } catch {
    // Deleting them one by one shows what is wrong.
    return false;
  }
}

/** Deletes one entity. Returns the number of deleted entities, 1 or 0. */
function removeOne(run: RunTableOperation, { partitionKey, rowKey }: Keys): Promise<number> {
  return run(
    async (client, abortSignal) => {
      await client.deleteEntity(partitionKey, rowKey, { abortSignal });
      return 1;
    },
    { ResourceNotFound: 0 },
  );
}
