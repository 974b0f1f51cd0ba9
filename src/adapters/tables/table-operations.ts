import { RestError, type TableClient } from "@azure/data-tables";
import { DependencyError } from "../../domain/dependency-error.ts";
import { withTimeout } from "../lib/timeout.ts";

/**
 * Runs an operation on one table, within its time budget; the table is made when an operation first misses it.
 *
 * @param operation - gets the client, and the signal to hand to it
 * @param refusals - answers for the OData error codes that are an outcome and not a failure
 * @throws DependencyError `storage_unavailable` for everything else
 */
export type RunTableOperation = <T>(
  operation: (table: TableClient, abortSignal: AbortSignal) => Promise<T>,
  refusals?: Readonly<Record<string, T>>,
) => Promise<T>;

/** {@link RunTableOperation} on `table`; each operation, retries included, ends within `timeoutMs`. */
export function tableOperations(table: TableClient, timeoutMs: number): RunTableOperation {
  return async (operation, refusals = {}) => {
    try {
      return await withTimeout(timeoutMs, async (abortSignal) => {
        try {
          return await operation(table, abortSignal);
        } catch (error) {
          if (odataErrorCode(error) !== "TableNotFound") throw error;
          // Made on demand and not remembered: a table that was deleted, or could not be made, is made next time.
          await table.createTable({ abortSignal });
          return await operation(table, abortSignal);
        }
      });
    } catch (error) {
      const code = odataErrorCode(error);
      if (code !== undefined && Object.hasOwn(refusals, code)) return refusals[code] as never;
      throw new DependencyError("storage_unavailable", `The table ${table.tableName} cannot be used`, {
        cause: withoutBody(error),
      });
    }
  };
}

/** The codes that decide something, and the status that each of them comes with. */
const STATUS_OF: Readonly<Record<string, number>> = {
  EntityAlreadyExists: 409,
  ResourceNotFound: 404,
  TableNotFound: 404,
  UpdateConditionNotSatisfied: 412,
};

/**
 * The code by which Table Storage says why it refused, such as `EntityAlreadyExists`; `undefined` if the status is
 * not that code's. Letters only: it goes into the log.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/table-service-error-codes
 */
export function odataErrorCode(error: unknown): string | undefined {
  if (!(error instanceof RestError)) return undefined;
  const details = error.details as { readonly odataError?: { readonly code?: unknown } } | undefined;
  // A refused transaction has no details, and says it in another place than a single operation.
  const code = details === undefined ? error.code : details.odataError?.code;
  if (typeof code !== "string" || !/^[A-Za-z]{1,100}$/.test(code)) return undefined;
  return (STATUS_OF[code] ?? error.statusCode) === error.statusCode ? code : undefined;
}

/** What went wrong, for the log. The SDK's own message is the body of the answer, whatever that holds. */
function withoutBody(error: unknown): unknown {
  if (!(error instanceof RestError)) return error;
  if (error.code === RestError.PARSE_ERROR)
    return new Error("Table Storage gave an answer that cannot be read");
  if (error.statusCode === undefined) return error;
  return new Error(["Table Storage answered", error.statusCode, odataErrorCode(error)].join(" ").trimEnd());
}
