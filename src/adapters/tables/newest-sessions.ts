import type { ClientId } from "../../domain/client-id.ts";
import { type EntityQuery, readPages } from "./entity-page.ts";
import type { SessionEntity } from "./session-entity.ts";
import { livePartitionKeysOf, partitionKeysOf } from "./session-keys.ts";
import type { RunTableOperation } from "./table-operations.ts";

/** One partition's sessions, newest first. */
interface Partition<T> {
  readonly pages: AsyncGenerator<Row<T>[], void>;
  /** What is left of the page in memory; `undefined` after the last page. */
  page: Row<T>[] | undefined;
}

interface Row<T> {
  readonly rowKey: string;
  readonly session: T;
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
  toSession: (entity: SessionEntity) => T | undefined,
): AsyncGenerator<T, void> {
  async function* pagesOf(partitionKey: string): Partition<T>["pages"] {
    for await (const entities of readPages<SessionEntity & { rowKey: string }>(run, queryOf(partitionKey))) {
      yield entities.flatMap((entity) => {
        const session = toSession(entity);
        return session === undefined ? [] : [{ rowKey: entity.rowKey, session }];
      });
    }
  }
  const toPartition = (key: string): Partition<T> => ({ pages: pagesOf(key), page: [] });
  const live = livePartitionKeysOf(agent).map(toPartition);
  const archived = partitionKeysOf(agent).map(toPartition);
  for (let lastKey = ""; ; ) {
    // Live ones first: a session that is archived meanwhile is then found in one of the two.
    for (const partitions of [live, archived]) {
      const usedUp = partitions.filter(isUsedUp);
      if (usedUp.length > 0) await Promise.all(usedUp.map(refill));
    }
    let newest: Partition<T> | undefined;
    for (const partition of [...live, ...archived]) {
      if (nextKeyOf(partition) < nextKeyOf(newest)) newest = partition;
    }
    const row = newest?.page?.shift();
    if (row === undefined) return;
    // While a session is moved, it is in both, and the live row counts, which comes first.
    if (row.rowKey === lastKey) continue;
    lastKey = row.rowKey;
    yield row.session;
  }
}

function isUsedUp({ page }: Partition<unknown>): boolean {
  return page?.length === 0;
}

async function refill<T>(partition: Partition<T>): Promise<void> {
  while (isUsedUp(partition)) partition.page = (await partition.pages.next()).value ?? undefined;
}

function nextKeyOf(partition: Partition<unknown> | undefined): string {
  // Sorts after all row keys.
  return partition?.page?.[0]?.rowKey ?? "~";
}
