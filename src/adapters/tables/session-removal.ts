import { odata, type TransactionAction } from "@azure/data-tables";
import type { ClientId } from "../../domain/client-id.ts";
import type { SessionRemoval } from "../../domain/session.ts";
import { readFirstPage } from "./entity-page.ts";
import { agentOf, isSession, partitionKeyAfter, partitionKeysOf, rowKeyAfter } from "./session-keys.ts";
import type { RunTableOperation } from "./table-operations.ts";

/** How many entities one transaction takes. */
const TRANSACTION_LIMIT = 100;
/** So many records in a row that cannot be removed are not the records' fault: the rest of the partition can wait. */
const MAX_FAILURES_IN_A_ROW = 20;

interface Keys {
  readonly partitionKey: string;
  readonly rowKey: string;
}

/**
 * Removes old sessions agent by agent. An agent's partitions are found by one query that skips to the next one, and
 * old sessions are the end of each partition, so nothing that stays is read; they go a hundred in a transaction, in all
 * 16 partitions of an agent at the same time.
 *
 * Each query begins after the last key that was seen, so that it ends whatever the table holds: what is not a session of
 * LKPS is passed by, and so is what cannot be removed, which is reported at the end.
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

/** The first agent with sessions after a partition key, past partitions that hold none. */
async function nextAgent(
  run: RunTableOperation,
  after: string,
  shouldContinue: () => boolean,
): Promise<ClientId | undefined> {
  let position = after;
  // The first is nearly always a session: only past rows that are not, more are worth reading.
  for (let pageSize = 1; shouldContinue(); pageSize = 1_000) {
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
 * Removes entities of one partition in one transaction, all or none. `false` if it was refused or failed: because of one
 * of them, or because they are gone already, by another run or a transaction whose answer was lost.
 */
async function removeTogether(run: RunTableOperation, keys: readonly Keys[]): Promise<boolean> {
  const actions = keys.map(({ partitionKey, rowKey }): TransactionAction => {
    return ["delete", { partitionKey, rowKey }];
  });
  try {
    await run((client, abortSignal) => client.submitTransaction(actions, { abortSignal }));
    return true;
  } catch {
    // Removing each by itself shows what is wrong.
    return false;
  }
}

/** Removes one entity. How many there were to be removed: 1 or 0. */
function removeOne(run: RunTableOperation, { partitionKey, rowKey }: Keys): Promise<number> {
  return run(
    async (client, abortSignal) => {
      await client.deleteEntity(partitionKey, rowKey, { abortSignal });
      return 1;
    },
    { ResourceNotFound: 0 },
  );
}
