import { textOf } from "../lib/response-text.ts";
import { withTimeout } from "../lib/timeout.ts";

const MAX_DOCUMENT_BYTES = 1024 * 1024;

/** The OpenID metadata of one tenant, for tokens of one version. */
export interface OpenIdMetadata {
  /** Fetches the document. Rejects if it can't be had, or names no issuer or no keys. */
  fetch(signal: AbortSignal): Promise<{ readonly issuer: string; readonly keysUrl: string }>;
  /**
   * The issuer that the document named when it was last fetched; fetches it if it never was. Rejects if that fails or
   * takes more than `remainingMs` milliseconds.
   */
  issuer(remainingMs: number): Promise<string>;
}

/**
 * Reads a tenant's OpenID metadata.
 *
 * @param url - of one version: `…/{tenant}/v2.0/.well-known/openid-configuration`, or without `v2.0`
 * @see https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata
 */
export function createOpenIdMetadata(url: string): OpenIdMetadata {
  let known: string | undefined;
  let inFlight: Promise<string> | undefined;

  const fetchDocument = async (signal: AbortSignal) => {
    const { issuer, jwks_uri: keysUrl } = await fetchJson(url, signal);
    // What fetch says of an address that is none quotes it.
    if (typeof issuer !== "string" || typeof keysUrl !== "string" || !URL.canParse(keysUrl))
      throw new Error("The metadata names no keys");
    known = issuer;
    return { issuer, keysUrl };
  };
  const fetchIssuer = async (signal: AbortSignal) => (await fetchDocument(signal)).issuer;
  return {
    fetch: fetchDocument,
    issuer: async (remainingMs) => {
      if (known !== undefined) return known;
      inFlight ??= withTimeout(remainingMs, fetchIssuer).finally(() => {
        inFlight = undefined;
      });
      const shared = inFlight;
      return await withTimeout(remainingMs, () => shared);
    },
  };
}

/** Fetches a JSON object. Rejects for anything else, and for a redirect: whoever answers names no other host. */
export async function fetchJson(url: string, signal: AbortSignal): Promise<Record<string, unknown>> {
  const response = await fetch(url, { signal, redirect: "error", headers: { accept: "application/json" } });
  if (response.status !== 200) throw new Error(`${new URL(url).pathname} answered ${response.status}`);
  const document: unknown = parseJson(await textOf(response, MAX_DOCUMENT_BYTES));
  if (typeof document !== "object" || document === null) throw new Error("The answer is no JSON object");
  return document as Record<string, unknown>;
}

// What the parser says of broken JSON quotes it, and whatever that is has no place in a log.
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
