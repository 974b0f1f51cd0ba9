import { odata } from "@azure/data-tables";
import { type ClientId, parseClientId } from "../../domain/client-id.ts";
import type { ClientActivity, RecentActivity } from "../../domain/session.ts";
import { type EntityQuery, readPage } from "./entity-page.ts";
import { isSession, partitionKeysOf, rowKeyAfter } from "./session-keys.ts";
import type { RunTableOperation } from "./table-operations.ts";

interface Start {
  readonly rowKey: string;
  readonly client: ClientId;
  readonly startedAt: Date;
}

/** Iterates over one partition's sessions, newest first, one page at a time. */
interface Partition {
  readonly query: EntityQuery;
  page: readonly Start[];
  /** The index of the next session in the page. */
  next: number;
  /** The start of the next page; `undefined` before the first and after the last one. */
  continuationToken: string | undefined;
  /** Whether this is the last page. */
  isLast: boolean;
}

/**
 * Counts the clients of an agent's newest sessions, up to `limit` sessions. Merges the partitions by row key,
 * and reads a partition's next page only when its current one is used up.
 */
export async function recentActivity(
  run: RunTableOperation,
  agent: ClientId,
  since: Date,
  limit: number,
): Promise<RecentActivity> {
  const partitions = partitionKeysOf(agent).map((partitionKey): Partition => {
    const filter = odata`PartitionKey eq ${partitionKey} and RowKey lt ${rowKeyAfter(since)}`;
    const query = { filter, select: ["RowKey", "client", "startedAt"] };
    return { query, page: [], next: 0, continuationToken: undefined, isLast: false };
  });
  const clients = new Map<ClientId, ClientActivity & { sessions: number }>();
  for (let taken = 0; taken < limit; taken++) {
    const usedUp = partitions.filter(isUsedUp);
    if (usedUp.length > 0) await Promise.all(usedUp.map((partition) => refill(run, partition)));
    const start = takeNewest(partitions);
    if (start === undefined) return { clients: [...clients.values()], complete: true };
    const { client, startedAt } = start;
    const activity = clients.get(client);
    // The newest session comes first.
    if (activity === undefined) clients.set(client, { client, sessions: 1, lastStartedAt: startedAt });
    else activity.sessions++;
  }
  return { clients: [...clients.values()], complete: !(await hasMore(run, partitions)) };
}

function isUsedUp({ page, next, isLast }: Partition): boolean {
  return next === page.length && !isLast;
}

async function refill(run: RunTableOperation, partition: Partition): Promise<void> {
  while (isUsedUp(partition)) {
    const { query, continuationToken } = partition;
    const read = await readPage<Record<keyof Start, unknown>>(run, query, continuationToken);
    partition.page = read.entities.flatMap(startsOf);
    partition.next = 0;
    partition.continuationToken = read.continuationToken;
    partition.isLast = read.continuationToken === undefined;
  }
}

/** The session in a row; empty if the row is not a session of LKPS. */
function startsOf(entity: Record<keyof Start, unknown>): Start[] {
  const rowKey = String(entity.rowKey);
  const client = parseClientId(entity.client);
  if (client === undefined || !isSession(rowKey, entity.startedAt)) return [];
  return [{ rowKey, client, startedAt: new Date(entity.startedAt) }];
}

function takeNewest(partitions: readonly Partition[]): Start | undefined {
  let newest: Partition | undefined;
  // Sorts after all row keys.
  let newestKey = "~";
  for (const partition of partitions) {
    const rowKey = partition.page[partition.next]?.rowKey;
    if (rowKey === undefined || rowKey > newestKey) continue;
    newest = partition;
    newestKey = rowKey;
  }
  return newest?.page[newest.next++];
}

/** Whether sessions remain; reads a page only if none are in memory. */
async function hasMore(run: RunTableOperation, partitions: readonly Partition[]): Promise<boolean> {
  const isAtHand = ({ page, next }: Partition) => next < page.length;
  if (partitions.some(isAtHand)) return true;
  for (const partition of partitions) {
    await refill(run, partition);
    if (isAtHand(partition)) return true;
  }
  return false;
}
