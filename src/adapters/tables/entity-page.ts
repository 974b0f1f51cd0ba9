import type { RunTableOperation } from "./table-operations.ts";

/** The most entities that Table Storage answers at once. */
const PAGE_LIMIT = 1_000;

/** Which entities to read, and which of their properties. */
export interface EntityQuery {
  readonly filter: string;
  readonly select: string[];
  /** As many as Table Storage answers at once, unless given. */
  readonly pageSize?: number;
}

/** Some entities in the order of their keys. */
interface EntityPage<T> {
  readonly entities: readonly T[];
  /** Where the next page begins; `undefined` on the last one. */
  readonly continuationToken: string | undefined;
}

/**
 * Reads one page, within the time of one operation. The service may cut a page short, even to nothing: only its
 * continuation token says whether there is more.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/query-timeout-and-pagination
 */
export function readPage<T extends object>(
  run: RunTableOperation,
  { pageSize = PAGE_LIMIT, ...queryOptions }: EntityQuery,
  continuationToken?: string,
): Promise<EntityPage<T>> {
  return run(async (client, abortSignal) => {
    const pages = client.listEntities<T>({ queryOptions, abortSignal }).byPage({
      maxPageSize: pageSize,
      ...(continuationToken !== undefined && { continuationToken }),
    });
    const page = (await pages.next()).value;
    return { entities: page ?? [], continuationToken: page?.continuationToken };
  });
}

/** The first page that is not empty; `[]` if no entity matches. */
export async function readFirstPage<T extends object>(
  run: RunTableOperation,
  query: EntityQuery,
): Promise<readonly T[]> {
  let page = await readPage<T>(run, query);
  while (page.entities.length === 0 && page.continuationToken !== undefined) {
    page = await readPage<T>(run, query, page.continuationToken);
  }
  return page.entities;
}
