import { odata } from "@azure/data-tables";
import { parseClientId } from "../../domain/client-id.ts";
import { readPage } from "./entity-page.ts";
import { ROW_KEY } from "./registration-entity.ts";
import type { RunTableOperation } from "./table-operations.ts";

/**
 * Deletes tombstones older than `before` by Table Storage's clock, as long as `shouldContinue` returns true.
 * Skips rows that LKPS did not write.
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
          // The agent registered or was removed again in the meantime, or another run deleted it.
          UpdateConditionNotSatisfied: undefined,
          ResourceNotFound: undefined,
        },
      );
    }
    continuationToken = page.continuationToken;
  } while (continuationToken !== undefined && shouldContinue());
}
