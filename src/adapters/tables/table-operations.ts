import { RestError, TableClient, type TableEntityResult } from "@azure/data-tables";
import type { AccessToken, TokenCredential } from "@azure/identity";
import { DependencyError } from "../../domain/dependency-error.ts";
import { withTimeout } from "../lib/timeout.ts";

/**
 * How to connect to Table Storage: with the managed identity in Azure, with a connection string for Azurite.
 */
export type TablesConnection =
  | { readonly endpoint: string; readonly getToken: (signal?: AbortSignal) => Promise<AccessToken> }
  | { readonly connectionString: string };

// Short waits: by default an operation has 3 seconds in total, less than the SDK's default of a minute.
const retryOptions = { maxRetries: 3, retryDelayInMs: 100, maxRetryDelayInMs: 1_000 };

/** Creates a client for one table, without connecting to it. */
export function createTableClient(connection: TablesConnection, tableName: string): TableClient {
  if ("connectionString" in connection) {
    const options = { retryOptions, allowInsecureConnection: true };
    return TableClient.fromConnectionString(connection.connectionString, tableName, options);
  }
  const { endpoint, getToken } = connection;
  // The SDK passes on the operation's own signal.
  const credential: TokenCredential = {
    getToken: (_, options) => getToken(options?.abortSignal as AbortSignal | undefined),
  };
  return new TableClient(endpoint, tableName, credential, { retryOptions });
}

/**
 * Runs an operation on one table within its time limit. Creates the table if it does not exist.
 *
 * @param operation - gets the client and the abort signal
 * @param refusals - results for OData error codes that are not failures
 * @param limitMs - a shorter time limit; with 0 nothing is sent
 * @throws DependencyError `storage_unavailable` for any other error
 */
export type RunTableOperation = <T>(
  operation: (table: TableClient, abortSignal: AbortSignal) => Promise<T>,
  refusals?: Readonly<Record<string, T>>,
  limitMs?: number,
) => Promise<T>;

/**
 * Creates {@link RunTableOperation} for `table`. Each operation, including retries, ends within `timeoutMs`.
 */
export function tableOperations(table: TableClient, timeoutMs: number): RunTableOperation {
  return async (operation, refusals = {}, limitMs = timeoutMs) => {
    try {
      if (limitMs <= 0) throw new Error("The time for all operations of the request is over");
      return await withTimeout(Math.min(limitMs, timeoutMs), async (abortSignal) => {
        try {
          return await operation(table, abortSignal);
        } catch (error) {
          if (odataErrorCode(error) !== "TableNotFound") throw error;
          // Created on demand, and not remembered: a table that is deleted, or that could not be created, is
          // created next time.
          await table.createTable({ abortSignal });
          return await operation(table, abortSignal);
        }
      });
    } catch (error) {
      // What the operation itself decided. A missing token is a failure of storage, too, with its cause.
      if (error instanceof DependencyError && error.code === "storage_unavailable") throw error;
      const code = odataErrorCode(error);
      if (code !== undefined && Object.hasOwn(refusals, code)) return refusals[code] as never;
      throw new DependencyError("storage_unavailable", `The table ${table.tableName} cannot be used`, {
        cause: withoutBody(error),
      });
    }
  };
}

/**
 * Reads an entity; `undefined` if there is none.
 *
 * @throws Error if the response is not that entity: a malformed response does not mean that there is none
 */
export async function findEntity<T extends object>(
  table: TableClient,
  partitionKey: string,
  rowKey: string,
  abortSignal: AbortSignal,
): Promise<TableEntityResult<T> | undefined> {
  try {
    const entity = await table.getEntity<T>(partitionKey, rowKey, { abortSignal });
    if (entity.partitionKey !== partitionKey || entity.rowKey !== rowKey)
      throw new Error("Table Storage returned a different entity");
    // Without an ETag, the SDK would overwrite the entity unconditionally.
    if (!entity.etag) throw new Error("The stored entity has no ETag");
    return entity;
  } catch (error) {
    if (odataErrorCode(error) === "ResourceNotFound") return undefined;
    throw error;
  }
}

const CONFLICTS = ["EntityAlreadyExists", "UpdateConditionNotSatisfied", "ResourceNotFound"];

/** Whether a conditional write failed because the entity has changed since it was read. */
export function isConflict(error: unknown): boolean {
  return CONFLICTS.includes(odataErrorCode(error) ?? "");
}

/** The error codes that LKPS acts on, and the status of each. */
const STATUS_OF: Readonly<Record<string, number>> = {
  EntityAlreadyExists: 409,
  ResourceNotFound: 404,
  TableNotFound: 404,
  UpdateConditionNotSatisfied: 412,
};

/**
 * Table Storage's error code, such as `EntityAlreadyExists`. `undefined` if the status does not match the
 * code. Letters only, because it is logged.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/table-service-error-codes
 */
function odataErrorCode(error: unknown): string | undefined {
  if (!(error instanceof RestError)) return undefined;
  const details = error.details as { readonly odataError?: { readonly code?: unknown } } | undefined;
  // A rejected transaction has no details; its code is in another place.
  const code = details === undefined ? error.code : details.odataError?.code;
  if (typeof code !== "string" || !/^[A-Za-z]{1,100}$/.test(code)) return undefined;
  return (STATUS_OF[code] ?? error.statusCode) === error.statusCode ? code : undefined;
}

/** Removes the response body, which the SDK uses as the error message. */
function withoutBody(error: unknown): unknown {
  if (!(error instanceof RestError)) return error;
  if (error.code === RestError.PARSE_ERROR) return new Error("Table Storage returned an unreadable response");
  if (error.statusCode === undefined) return error;
  return new Error(["Table Storage returned", error.statusCode, odataErrorCode(error)].join(" ").trimEnd());
}
