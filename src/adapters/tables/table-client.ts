import { TableClient } from "@azure/data-tables";
import type { TokenCredential } from "@azure/identity";

/** How to reach Table Storage: by identity in Azure, by connection string with Azurite. */
export type TablesConnection =
  | { readonly endpoint: string; readonly credential: TokenCredential }
  | { readonly connectionString: string };

// Short waits: what does not work at once has three seconds by default, not the SDK's minute.
const retryOptions = { maxRetries: 3, retryDelayInMs: 100, maxRetryDelayInMs: 1_000 };

/** A client of one table. Connects to nothing yet. */
export function createTableClient(connection: TablesConnection, tableName: string): TableClient {
  if ("connectionString" in connection) {
    const options = { retryOptions, allowInsecureConnection: true };
    return TableClient.fromConnectionString(connection.connectionString, tableName, options);
  }
  return new TableClient(connection.endpoint, tableName, connection.credential, { retryOptions });
}
