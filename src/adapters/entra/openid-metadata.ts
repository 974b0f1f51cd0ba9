import type { Clock } from "../../domain/ports.ts";
import { parseJson, textOf } from "../lib/http-response.ts";
import { shareInFlight } from "../lib/share-in-flight.ts";

const MAX_DOCUMENT_BYTES = 1024 * 1024;

/** A tenant's OpenID metadata for one token version. */
export interface OpenIdMetadata {
  /** Fetches the metadata. Rejects if that fails, or if the issuer or the key URL is missing. */
  fetch(signal: AbortSignal): Promise<{ readonly issuer: string; readonly keysUrl: string }>;
  /**
   * Returns the last known issuer, or fetches it if there is none. Rejects if that fails or takes longer than
   * `remainingMs` milliseconds.
   */
  issuer(remainingMs: number): Promise<string>;
}

/**
 * Reads a tenant's OpenID metadata.
 *
 * @param url - the metadata URL of one version: `…/{tenant}/v2.0/.well-known/openid-configuration`, or
 *   without `v2.0`
 * @see https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata
 */
export function createOpenIdMetadata(url: string, clock: Pick<Clock, "elapsed">): OpenIdMetadata {
  let known: string | undefined;

  const fetchDocument = async (signal: AbortSignal) => {
    const { issuer, jwks_uri: keysUrl } = await fetchJson(url, signal);
    // fetch's error for an invalid URL would quote it.
    if (typeof issuer !== "string" || typeof keysUrl !== "string" || !URL.canParse(keysUrl))
      throw new Error("The metadata has no issuer or no valid jwks_uri");
    known = issuer;
    return { issuer, keysUrl };
  };
  const issuers = shareInFlight(clock, async (signal) => (await fetchDocument(signal)).issuer);
  return {
    fetch: fetchDocument,
    issuer: async (remainingMs) => known ?? (await issuers.get(remainingMs)),
  };
}

/**
 * Fetches a JSON object. Rejects anything else, including redirects: no response may send LKPS to another
 * host.
 */
export async function fetchJson(url: string, signal: AbortSignal): Promise<Record<string, unknown>> {
  const response = await fetch(url, { signal, redirect: "error", headers: { accept: "application/json" } });
  if (response.status !== 200) throw new Error(`${new URL(url).pathname} returned ${response.status}`);
  const document: unknown = parseJson(await textOf(response, MAX_DOCUMENT_BYTES));
  if (typeof document !== "object" || document === null) throw new Error("The response is not a JSON object");
  return document as Record<string, unknown>;
}
