import { odata } from "@azure/data-tables";
import { parseClientId } from "../../domain/client-id.ts";
import { readPage } from "./entity-page.ts";
import { ROW_KEY } from "./registration-entity.ts";
import type { RunTableOperation } from "./table-operations.ts";

/**
 * Deletes the tombstones that were written before `before`, by Table Storage's own clock, as long as `shouldContinue` says so.
 * A row that is not as LKPS writes it is left alone.
 */
export async function removeTombstonesBefore(
  run: RunTableOperation,
  before: Date,
  shouldContinue: () => boolean,
): Promise<void> {
  const filter = odata`RowKey eq ${ROW_KEY} and removed eq ${true} and Timestamp lt ${before}`;
  const query = { filter, select: ["PartitionKey"] };
  let continuationToken: string | undefined;
  do {
    const page = await readPage<{ partitionKey: string; etag: string }>(run, query, continuationToken);
    for (const { partitionKey: agent, etag } of page.entities) {
      if (!shouldContinue()) return;
      if (parseClientId(agent) !== agent || !etag) continue;
      await run<unknown>(
        (client, abortSignal) => client.deleteEntity(agent, ROW_KEY, { etag, abortSignal }),
        {
          // An agent that registered or was removed again meanwhile, or another run.
          UpdateConditionNotSatisfied: undefined,
          ResourceNotFound: undefined,
        },
      );
    }
    continuationToken = page.continuationToken;
  } while (continuationToken !== undefined && shouldContinue());
}
