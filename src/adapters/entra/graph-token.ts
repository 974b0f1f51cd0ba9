import { createDefaultHttpClient, type HttpClient } from "@azure/core-rest-pipeline";
import { type AccessToken, ManagedIdentityCredential } from "@azure/identity";
import { DependencyError } from "../../domain/dependency-error.ts";
import { PERMISSION_HELP } from "../graph/permission-help.ts";
import { within } from "../within.ts";

/** Which identity asks, for what, and for how long it may try. */
export interface GraphTokenSettings {
  /** The user-assigned managed identity; without it the system-assigned one. */
  readonly managedIdentityClientId: string | undefined;
  /** The resource's address; the token is good there and nowhere else. */
  readonly graphBaseUrl: string;
  readonly timeoutMs: number;
}

/** The identity endpoint says by these that the identity is missing or may not be used here. */
const REFUSALS = new Set([400, 401, 403]);

/**
 * Gets access tokens for Microsoft Graph by the app's managed identity. Tokens are kept until they need renewal, and
 * as long as they are valid where renewal fails; callers at the same time share one request.
 *
 * @returns a function that throws `DependencyError` `directory_access_denied` where the platform refuses, and
 *   `directory_unavailable` for everything else
 * @see https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
 */
export function createGraphTokenSource(settings: GraphTokenSettings): () => Promise<string> {
  const { managedIdentityClientId: clientId, graphBaseUrl, timeoutMs } = settings;
  let refusal: Error | undefined;
  const transport = createDefaultHttpClient();
  const httpClient: HttpClient = {
    sendRequest: async (request) => {
      // MSAL passes no signal on; without this a hanging endpoint would keep its connection for good.
      request.timeout = timeoutMs;
      const response = await transport.sendRequest(request);
      // What MSAL makes of a refusal depends on its body; the status is what the decision rests on.
      if (REFUSALS.has(response.status)) {
        refusal = new Error(`The identity endpoint answered ${response.status}${said(response.bodyAsText)}`);
      }
      return response;
    },
  };
  const credential = new ManagedIdentityCredential({
    ...(clientId !== undefined && { clientId }),
    httpClient,
    // Retries belong to whoever holds the time budget.
    retryOptions: { maxRetries: 0 },
  });

  let held: AccessToken | undefined;
  const renew = async (): Promise<string> => {
    refusal = undefined;
    try {
      const token = await within(timeoutMs, () => credential.getToken(`${graphBaseUrl}/.default`));
      if (typeof token.token !== "string" || token.token === "" || !isValid(token)) {
        throw new Error("The identity endpoint answered a token that is none or has expired");
      }
      held = token;
      return token.token;
    } catch (error) {
      if (held !== undefined && isValid(held)) return held.token;
      if (refusal === undefined) {
        const message = "The managed identity got no token for Microsoft Graph";
        throw new DependencyError("directory_unavailable", message, { cause: error });
      }
      const message = `The managed identity is missing or may not be used: ${PERMISSION_HELP}`;
      throw new DependencyError("directory_access_denied", message, { cause: refusal });
    }
  };

  let renewal: Promise<string> | undefined;
  return () => {
    renewal ??= renew().finally(() => {
      renewal = undefined;
    });
    return renewal;
  };
}

function isValid(token: AccessToken): boolean {
  return token.expiresOnTimestamp > Date.now();
}

/** The platform's own words about a refusal, if it gave any. */
function said(body: string | null | undefined): string {
  try {
    const { error, error_description, message } = JSON.parse(body ?? "");
    const words = message ?? error_description ?? error?.message ?? error;
    return typeof words === "string" ? `: ${words.slice(0, 300)}` : "";
  } catch {
    return "";
  }
}
