import { createDefaultHttpClient, type HttpClient } from "@azure/core-rest-pipeline";
import { type AccessToken, ManagedIdentityCredential } from "@azure/identity";
import { DependencyError } from "../../domain/dependency-error.ts";
import type { Clock } from "../../domain/ports.ts";
import { shareInFlight } from "../lib/share-in-flight.ts";
import { untilAborted } from "../lib/timeout.ts";
import { errorMessageIn, holdsValidToken } from "./identity-endpoint-response.ts";

/** The managed identity, the resource, and the time limit. */
export interface ManagedIdentityTokenSettings {
  /** The client id of the user-assigned managed identity; if undefined, the system-assigned one is used. */
  readonly clientId: string | undefined;
  /** The URL of the resource that the token is for. */
  readonly resource: string;
  readonly timeoutMs: number;
  /** What operators must do if the platform rejects the identity; logged. */
  readonly help: string;
}

/** The identity endpoint's statuses for an identity that is missing or not assigned to this app. */
const REFUSALS = new Set([400, 401, 403]);

/** As Microsoft's clients do. */
const RENEWED_BEFORE_MS = 300_000;

/**
 * The outcome of one request to the identity endpoint. Logged instead of MSAL's errors, which may contain
 * whole responses, tokens included.
 */
interface Renewal {
  /** Aborted when the time is over. */
  readonly signal: AbortSignal;
  status?: number;
  problem?: unknown;
}

/** Access tokens of the app's managed identity for one resource. */
export interface ManagedIdentityToken {
  /**
   * Returns a valid token.
   *
   * @param signal - the caller's deadline; the request for a token continues for other callers
   * @throws DependencyError `directory_access_denied` if the platform rejects the identity,
   *   `directory_unavailable` for any other failure
   */
  get(signal?: AbortSignal): Promise<AccessToken>;
  /** Requests a token before it is needed. If that fails, {@link get} tries again. */
  prefetch(): void;
}

/**
 * Gets access tokens for a resource with the app's managed identity. Caches a token until it is due for
 * renewal, or until it expires if renewal fails. Concurrent callers share one request.
 *
 * @see https://learn.microsoft.com/azure/app-service/overview-managed-identity#rest-endpoint-reference
 */
export function createManagedIdentityToken(
  settings: ManagedIdentityTokenSettings,
  clock: Clock,
): ManagedIdentityToken {
  const { clientId, resource, timeoutMs, help } = settings;
  let current: Renewal = { signal: AbortSignal.abort() };
  const transport = createDefaultHttpClient();
  const httpClient: HttpClient = {
    sendRequest: async (request) => {
      const renewal = current;
      // MSAL does not pass on a signal. Without it, an unresponsive endpoint would hold its connection forever.
      request.abortSignal = renewal.signal;
      try {
        const response = await transport.sendRequest(request);
        const { status, bodyAsText } = response;
        // MSAL's error depends on the response body. Only the status is reliable.
        renewal.status = status;
        if (status !== 200)
          throw new Error(`The identity endpoint returned ${status}${errorMessageIn(bodyAsText)}`);
        // Keep this from MSAL, which would cache it.
        if (!holdsValidToken(bodyAsText, clock.now()))
          throw new Error("The identity endpoint returned an invalid or expired token");
        return response;
      } catch (error) {
        if (!renewal.signal.aborted) renewal.problem = error;
        throw error;
      }
    },
  };
  const credential = new ManagedIdentityCredential({
    ...(clientId !== undefined && { clientId }),
    httpClient,
    // The caller, which has the time limit, does the retries.
    retryOptions: { maxRetries: 0 },
  });

  const unavailable = (cause: unknown) => {
    const message = `The managed identity could not get a token for ${resource}`;
    return new DependencyError("directory_unavailable", message, { cause });
  };
  let cached: AccessToken | undefined;
  let renewAt = Number.NEGATIVE_INFINITY;
  const renewing = shareInFlight(clock, async (signal) => {
    const renewal: Renewal = { signal };
    current = renewal;
    try {
      cached = await credential.getToken(`${resource}/.default`);
      renewAt = cached.refreshAfterTimestamp ?? cached.expiresOnTimestamp - RENEWED_BEFORE_MS;
      return cached;
    } catch (error) {
      signal.throwIfAborted();
      const { problem: cause = error, status } = renewal;
      if (status === undefined || !REFUSALS.has(status)) throw unavailable(cause);
      const message = `The managed identity is missing or was rejected: ${help}`;
      throw new DependencyError("directory_access_denied", message, { cause });
    }
  });
  const getToken = async () => {
    // MSAL's cache is keyed by the resource in the response. If that is spelled differently than in the
    // request, MSAL never finds the token again.
    if (cached !== undefined && clock.now().getTime() < renewAt) return cached;
    try {
      return await renewing.get(timeoutMs);
    } catch (error) {
      if (cached !== undefined && clock.now().getTime() < cached.expiresOnTimestamp) return cached;
      throw error instanceof DependencyError ? error : unavailable(error);
    }
  };
  return {
    prefetch: () => void getToken().catch(() => {}),
    get: async (signal) => {
      if (signal === undefined) return await getToken();
      return await untilAborted(signal, getToken()).catch((error: unknown) => {
        throw error === signal.reason ? unavailable(error) : error;
      });
    },
  };
}
