import type { ClientId } from "../../domain/client-id.ts";
import { type EntityQuery, readPage } from "./entity-page.ts";
import { partitionKeysOf } from "./session-keys.ts";
import type { RunTableOperation } from "./table-operations.ts";

/** One partition's sessions, newest first, of which one page is in memory. */
interface Partition<T> {
  readonly query: EntityQuery;
  page: readonly { readonly rowKey: string; readonly session: T }[];
  /** The index of the next session in the page. */
  next: number;
  /** The start of the next page; `undefined` before the first and after the last one. */
  continuationToken: string | undefined;
  /** Whether this is the last page. */
  isLast: boolean;
}

/**
 * Iterates over an agent's sessions, newest first: merges the partitions by row key, and reads a partition's next page only
 * when its current one is used up.
 *
 * @param queryOf - the query of one partition
 * @param toSession - returns `undefined` for a row that is not a session of LKPS
 */
export async function* newestSessions<T>(
  run: RunTableOperation,
  agent: ClientId,
  queryOf: (partitionKey: string) => EntityQuery,
  toSession: (rowKey: string, entity: object) => T | undefined,
): AsyncGenerator<T, void> {
  const partitions = partitionKeysOf(agent).map((partitionKey): Partition<T> => {
    return { query: queryOf(partitionKey), page: [], next: 0, continuationToken: undefined, isLast: false };
  });
  for (;;) {
    const usedUp = partitions.filter(isUsedUp);
    if (usedUp.length > 0) await Promise.all(usedUp.map((partition) => refill(run, partition, toSession)));
    const newest = takeNewest(partitions);
    if (newest === undefined) return;
    yield newest.session;
  }
}

function isUsedUp({ page, next, isLast }: Partition<unknown>): boolean {
  return next === page.length && !isLast;
}

async function refill<T>(
  run: RunTableOperation,
  partition: Partition<T>,
  toSession: (rowKey: string, entity: object) => T | undefined,
): Promise<void> {
  while (isUsedUp(partition)) {
    const read = await readPage<{ rowKey: string }>(run, partition.query, partition.continuationToken);
    partition.page = read.entities.flatMap((entity) => {
      const rowKey = String(entity.rowKey);
      const session = toSession(rowKey, entity);
      return session === undefined ? [] : [{ rowKey, session }];
    });
    partition.next = 0;
    partition.continuationToken = read.continuationToken;
    partition.isLast = read.continuationToken === undefined;
  }
}

function takeNewest<T>(partitions: readonly Partition<T>[]): { readonly session: T } | undefined {
  let newest: Partition<T> | undefined;
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
