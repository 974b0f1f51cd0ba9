import { TableClient } from "@azure/data-tables";
import type { AccessToken, TokenCredential } from "@azure/identity";

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
