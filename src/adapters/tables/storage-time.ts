import { odata } from "@azure/data-tables";
import type { RunTableOperation } from "./table-operations.ts";

/** Reads Table Storage's clock: the `Date` header of a query without a result. */
export function readStorageTime(run: RunTableOperation): Promise<Date> {
  return run(async (client, abortSignal) => {
    let date: string | undefined;
    const pages = client.listEntities({
      queryOptions: { filter: odata`PartitionKey eq ''` },
      abortSignal,
      onResponse: ({ headers }) => {
        date = headers.get("date");
      },
    });
    await pages.byPage({ maxPageSize: 1 }).next();
    const time = new Date(date ?? Number.NaN);
    if (Number.isNaN(time.getTime())) throw new Error("Table Storage did not say what time it is");
    return time;
  });
}
