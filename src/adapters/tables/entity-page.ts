import type { ListTableEntitiesOptions } from "@azure/data-tables";
import type { RunTableOperation } from "./table-operations.ts";

/** The maximum page size of Table Storage. */
const MAX_PAGE_SIZE = 1_000;

/** The entities to read, and which of their properties; all if omitted. */
export interface EntityQuery {
  readonly filter: string;
  readonly select?: string[];
  /** Table Storage's maximum if omitted. */
  readonly pageSize?: number;
}

/** Options for each `listEntities`: the SDK takes a response without a list of entities for an empty page. */
export const requireEntities: Pick<ListTableEntitiesOptions, "onResponse"> = {
  onResponse: ({ parsedBody }, _, error) => {
    if (error === undefined && !Array.isArray(parsedBody?.value)) {
      throw new Error("Table Storage returned no list of entities");
    }
  },
};

/** A page of entities, sorted by key. */
interface EntityPage<T> {
  readonly entities: readonly T[];
  /** The start of the next page; `undefined` on the last page. */
  readonly continuationToken: string | undefined;
}

/**
 * Reads one page within the time limit of one operation. A page can be short or empty even if more follow:
 * only the continuation token tells.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/query-timeout-and-pagination
 */
export function readPage<T extends object>(
  run: RunTableOperation,
  { pageSize = MAX_PAGE_SIZE, ...queryOptions }: EntityQuery,
  continuationToken?: string,
): Promise<EntityPage<T>> {
  return run(async (client, abortSignal) => {
    const pages = client.listEntities<T>({ queryOptions, abortSignal, ...requireEntities }).byPage({
      maxPageSize: pageSize,
      ...(continuationToken !== undefined && { continuationToken }),
    });
    const page = (await pages.next()).value;
    return { entities: page ?? [], continuationToken: page?.continuationToken };
  });
}

/** Reads page after page, each within the time limit of one operation. */
export async function* readPages<T extends object>(
  run: RunTableOperation,
  query: EntityQuery,
): AsyncGenerator<readonly T[], void> {
  let page: EntityPage<T> | undefined;
  do {
    page = await readPage<T>(run, query, page?.continuationToken);
    yield page.entities;
  } while (page.continuationToken !== undefined);
}
