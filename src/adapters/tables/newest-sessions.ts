import type { ClientId } from "../../domain/client-id.ts";
import { type EntityQuery, readPages } from "./entity-page.ts";
import type { SessionEntity } from "./session-entity.ts";
import { livePartitionKeysOf, partitionKeysOf } from "./session-keys.ts";
import type { RunTableOperation } from "./table-operations.ts";

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
  async function* sessionsOf(partitionKey: string) {
    for await (const page of readPages<SessionEntity & { rowKey: string }>(run, queryOf(partitionKey))) {
      for (const entity of page) {
        const session = toSession(entity);
        if (session !== undefined) yield { rowKey: entity.rowKey, session };
      }
    }
  }
  const begin = async (partitionKey: string) => {
    const rest = sessionsOf(partitionKey);
    return { rest, next: await rest.next() };
  };
  // Live ones first: a session that is archived meanwhile is then found in one of the two.
  const live = await Promise.all(livePartitionKeysOf(agent).map(begin));
  const partitions = [...live, ...(await Promise.all(partitionKeysOf(agent).map(begin)))];
  for (let lastKey = ""; ; ) {
    let newest: (typeof partitions)[number] | undefined;
    // Sorts after all row keys.
    let newestKey = "~";
    for (const partition of partitions) {
      if (partition.next.done || partition.next.value.rowKey >= newestKey) continue;
      newest = partition;
      newestKey = partition.next.value.rowKey;
    }
    if (newest === undefined || newest.next.done) return;
    const { session } = newest.next.value;
    // While a session is moved, it is in both partitions, and the live row counts, which is the first one's.
    if (newestKey !== lastKey) yield session;
    lastKey = newestKey;
    // Only now: nobody may need another page.
    newest.next = await newest.rest.next();
  }
}
