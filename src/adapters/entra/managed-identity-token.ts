import { createDefaultHttpClient, type HttpClient } from "@azure/core-rest-pipeline";
import { type AccessToken, ManagedIdentityCredential } from "@azure/identity";
import { DependencyError } from "../../domain/dependency-error.ts";
import { createPrefetch } from "../lib/prefetch.ts";
import { withTimeout } from "../lib/timeout.ts";

/** Which identity asks, for what, and for how long it may try. */
export interface ManagedIdentityTokenSettings {
  /** The user-assigned managed identity; without it the system-assigned one. */
  readonly clientId: string | undefined;
  /** The resource's address; the token is good there and nowhere else. */
  readonly resource: string;
  readonly timeoutMs: number;
  /** What operators must do where the platform refuses the identity. */
  readonly help: string;
}

/** The identity endpoint says by these that the identity is missing or may not be used here. */
const REFUSALS = new Set([400, 401, 403]);

/** What one renewal met at the identity endpoint, in words of this file's own: MSAL's are whole bodies, tokens included. */
interface Renewal {
  status?: number;
  problem?: Error;
}

/** Access tokens of the app's managed identity for one resource. */
export interface ManagedIdentityToken {
  /**
   * Throws `DependencyError` `directory_access_denied` where the platform refuses, and `directory_unavailable` for
   * everything else.
   */
  get(): Promise<AccessToken>;
  /** Gets one before anybody needs it. Whatever comes of that, {@link get} answers as it would without. */
  prefetch(): void;
}

/**
 * Gets access tokens for a resource by the app's managed identity. Tokens are kept until they need renewal, and
 * as long as they are valid where renewal fails; callers at the same time share one request.
 *
 * @see https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
 */
export function createManagedIdentityToken(settings: ManagedIdentityTokenSettings): ManagedIdentityToken {
  const { clientId, resource, timeoutMs, help } = settings;
  let current: Renewal = {};
  const transport = createDefaultHttpClient();
  const httpClient: HttpClient = {
    sendRequest: async (request) => {
      const renewal = current;
      // MSAL passes no signal on; without this a hanging endpoint would keep its connection for good.
      request.timeout = timeoutMs;
      try {
        const response = await transport.sendRequest(request);
        const { status, bodyAsText } = response;
        // What MSAL makes of a refusal depends on its body; the status is what the decision rests on.
        renewal.status = status;
        if (status !== 200) {
          renewal.problem = new Error(`The identity endpoint answered ${status}${messageIn(bodyAsText)}`);
        } else if (!holdsToken(bodyAsText)) {
          // Not to reach MSAL, which would keep it for as long as it claims to be valid.
          throw new Error("The identity endpoint answered what is no token, or one that has expired");
        }
        return response;
      } catch (error) {
        renewal.problem = error instanceof Error ? error : new Error(String(error));
        throw error;
      }
    },
  };
  const credential = new ManagedIdentityCredential({
    ...(clientId !== undefined && { clientId }),
    httpClient,
    // Retries belong to whoever holds the time budget.
    retryOptions: { maxRetries: 0 },
  });

  let held: AccessToken | undefined;
  const renew = async (): Promise<AccessToken> => {
    const renewal: Renewal = {};
    current = renewal;
    try {
      held = await withTimeout(timeoutMs, () => credential.getToken(`${resource}/.default`));
      return held;
    } catch (error) {
      if (held !== undefined && isValid(held)) return held;
      const cause = renewal.problem ?? error;
      if (renewal.status === undefined || !REFUSALS.has(renewal.status)) {
        const message = `The managed identity got no token for ${resource}`;
        throw new DependencyError("directory_unavailable", message, { cause });
      }
      const message = `The managed identity is missing or may not be used: ${help}`;
      throw new DependencyError("directory_access_denied", message, { cause });
    }
  };

  let renewal: Promise<AccessToken> | undefined;
  const prefetch = createPrefetch(renew, timeoutMs);
  return {
    prefetch: prefetch.start,
    get: async () => {
      // MSAL's own cache goes by the resource that the endpoint names: where it is spelt otherwise than asked, nothing
      // is found there again.
      if (held !== undefined && !needsRenewal(held)) return held;
      renewal ??= prefetch.orFetch(renew).finally(() => {
        renewal = undefined;
      });
      return await renewal;
    },
  };
}

// Microsoft's clients renew this early.
const RENEWED_BEFORE_MS = 300_000;

function needsRenewal({ refreshAfterTimestamp, expiresOnTimestamp }: AccessToken): boolean {
  return Date.now() >= (refreshAfterTimestamp ?? expiresOnTimestamp - RENEWED_BEFORE_MS);
}

function isValid(token: AccessToken): boolean {
  return token.expiresOnTimestamp > Date.now();
}

/** Whether the endpoint's answer holds a token that can be sent and is still valid. */
function holdsToken(body: string | null | undefined): boolean {
  try {
    const { access_token: token, expires_on: expiresOn } = JSON.parse(body ?? "");
    // Seconds since 1970, or a date in older versions of the endpoint.
    const expiresAt = Number(expiresOn) * 1_000 || Date.parse(expiresOn);
    return typeof token === "string" && /^[\x21-\x7e]+$/.test(token) && expiresAt > Date.now();
  } catch {
    return false;
  }
}

/** The platform's own words about a failure, if it gave any; of anything as long as a key or a token, nothing. */
function messageIn(body: string | null | undefined): string {
  try {
    const { error, error_description, message } = JSON.parse(body ?? "");
    const words = message ?? error_description ?? error?.message ?? error;
    return typeof words === "string" ? `: ${words.replace(/[\w+/=.~-]{37,}/g, "…").slice(0, 300)}` : "";
  } catch {
    return "";
  }
}
