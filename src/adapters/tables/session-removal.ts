import { odata, type TransactionAction } from "@azure/data-tables";
import { type ClientId, parseClientId } from "../../domain/client-id.ts";
import type { SessionRemoval } from "../../domain/ports.ts";
import { agentOf, partitionKeyAfter, partitionKeysOf, rowKeyAfter } from "./session-keys.ts";
import type { RunTableOperation } from "./table-operations.ts";

/** How many entities one transaction takes, and how many one page of a query has at most. */
const TRANSACTION_LIMIT = 100;
const PAGE_LIMIT = 1_000;

interface Keys {
  readonly partitionKey: string;
  readonly rowKey: string;
}

/**
 * Removes old sessions agent by agent. An agent's partitions are found by one query that skips to the next one, and
 * old sessions are the end of each partition, so nothing that stays is read; they go a hundred in a transaction, in all
 * 16 partitions of an agent at the same time.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions
 */
export async function removeSessionsBefore(
  run: RunTableOperation,
  before: Date,
  mayGoOn: () => boolean,
): Promise<SessionRemoval> {
  let removed = 0;
  let agent = await nextAgent(run, undefined);
  while (agent !== undefined) {
    const counts = partitionKeysOf(agent).map((key) => emptyPartition(run, key, before, mayGoOn));
    for (const count of await Promise.all(counts)) removed += count;
    if (!mayGoOn()) return { removed, finished: false };
    agent = await nextAgent(run, agent);
  }
  return { removed, finished: true };
}

/** The first agent with sessions after `agent`, in the order of partition keys. */
async function nextAgent(run: RunTableOperation, agent: ClientId | undefined): Promise<ClientId | undefined> {
  const filter = odata`PartitionKey gt ${agent === undefined ? "" : partitionKeyAfter(agent)}`;
  const [first] = await firstPage(run, filter, 1);
  return first === undefined ? undefined : parseClientId(agentOf(first.partitionKey));
}

async function emptyPartition(
  run: RunTableOperation,
  partitionKey: string,
  before: Date,
  mayGoOn: () => boolean,
): Promise<number> {
  const filter = odata`PartitionKey eq ${partitionKey} and RowKey gt ${rowKeyAfter(before)}`;
  let removed = 0;
  while (mayGoOn()) {
    const old = await firstPage(run, filter, PAGE_LIMIT);
    if (old.length === 0) break;
    for (let n = 0; n < old.length && mayGoOn(); n += TRANSACTION_LIMIT) {
      removed += await removeTogether(run, old.slice(n, n + TRANSACTION_LIMIT));
    }
  }
  return removed;
}

/** Removes entities of one partition in one transaction. How many of them were there to be removed. */
function removeTogether(run: RunTableOperation, keys: readonly Keys[]): Promise<number> {
  const actions = keys.map(({ partitionKey, rowKey }): TransactionAction => {
    return ["delete", { partitionKey, rowKey }];
  });
  return run(
    async (client, abortSignal) => {
      await client.submitTransaction(actions, { abortSignal });
      return keys.length;
    },
    // A transaction whose answer was lost has removed them already: the next page shows what is left.
    { ResourceNotFound: 0 },
  );
}

/** The keys of the first entities that match; a page cut short by the service is gone on with, up to `limit`. */
function firstPage(run: RunTableOperation, filter: string, limit: number): Promise<Keys[]> {
  return run(async (client, abortSignal) => {
    const queryOptions = { filter, select: ["PartitionKey", "RowKey"] };
    const found: Keys[] = [];
    for await (const page of client
      .listEntities<Keys>({ queryOptions, abortSignal })
      .byPage({ maxPageSize: limit })) {
      found.push(...page);
      if (found.length >= limit) break;
    }
    return found.slice(0, limit);
  });
}
