import { createLocalJWKSet, importJWK, type JSONWebKeySet, type JWK, type JWSHeaderParameters } from "jose";
import { DependencyError } from "../../domain/dependency-error.ts";
import { within } from "../within.ts";

/** What a tenant publishes about the tokens of one version. */
export interface TenantKeys {
  /** The issuer that its tokens name, exactly. */
  readonly issuer: string;
  readonly keyFor: ReturnType<typeof createLocalJWKSet>;
}

// Made-up key ids drive no more fetches than one in this time; a new key of the tenant's works this soon.
const COOL_DOWN_MS = 30_000;
// Microsoft rolls keys without notice and asks to look daily; a withdrawn key is forgotten within the hour.
const REFRESH_MS = 3_600_000;
const MAX_DOCUMENT_BYTES = 1024 * 1024;

/**
 * The issuer and signing keys that a tenant's OpenID metadata names, fetched at the first use and kept. Where they
 * cannot be fetched again, those that are held go on serving.
 *
 * @param metadataUrl - of one version: `…/{tenant}/v2.0/.well-known/openid-configuration`, or without `v2.0`
 * @returns a look-up of what is held, newly fetched for a key id that is not among it (within the cool-down); throws
 *   `DependencyError` `directory_unavailable` if nothing is held and nothing can be had in `timeoutMs`
 * @see https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens
 * @see https://learn.microsoft.com/entra/identity-platform/signing-key-rollover
 */
export function createTenantKeys(
  metadataUrl: string,
  timeoutMs: number,
): (header: JWSHeaderParameters) => Promise<TenantKeys> {
  let held: (TenantKeys & { readonly keyIds: ReadonlySet<string | undefined> }) | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;
  let flight: Promise<void> | undefined;

  const fetchAll = async (signal: AbortSignal): Promise<void> => {
    const metadata = await fetchJson(metadataUrl, signal);
    const { issuer, jwks_uri: keysUrl } = metadata;
    if (typeof issuer !== "string" || typeof keysUrl !== "string" || !URL.canParse(keysUrl))
      throw new Error("The metadata names no keys");
    const keySet = (await fetchJson(keysUrl, signal)) as unknown as JSONWebKeySet;
    // Throws on anything but a key set.
    const areUsable = await Promise.all(keySet.keys.map(isUsable));
    const keys = keySet.keys.filter((_, at) => areUsable[at]);
    if (keys.length === 0) throw new Error("The tenant publishes no key that can be used");
    held = { issuer, keyFor: createLocalJWKSet({ keys }), keyIds: new Set(keys.map((key) => key.kid)) };
  };
  const refetch = (): Promise<void> => {
    flight ??= within(timeoutMs, fetchAll).finally(() => {
      flight = undefined;
    });
    askedAt = performance.now();
    return flight;
  };

  return async ({ kid }) => {
    const sinceAsked = performance.now() - askedAt;
    if (held === undefined) {
      try {
        await refetch();
      } catch (error) {
        const message = "The tenant's keys cannot be had";
        throw new DependencyError("directory_unavailable", message, { cause: error });
      }
    } else if (!held.keyIds.has(kid) && (flight !== undefined || sinceAsked > COOL_DOWN_MS)) {
      await refetch().catch(() => {});
    } else if (sinceAsked > REFRESH_MS) {
      // Nobody waits for it: what is held is as good as it was a moment ago.
      refetch().catch(() => {});
    }
    return held as TenantKeys;
  };
}

/** One that cannot be imported is as good as not published: kept, it would be a defect at each token that names it. */
async function isUsable(key: JWK): Promise<boolean> {
  if (key.kty !== "RSA") return false;
  return await importJWK(key, "RS256").then(
    () => true,
    () => false,
  );
}

async function fetchJson(url: string, signal: AbortSignal): Promise<Record<string, unknown>> {
  const response = await fetch(url, { signal, redirect: "error", headers: { accept: "application/json" } });
  if (response.status !== 200) throw new Error(`${new URL(url).pathname} answered ${response.status}`);
  const bytes = await response.bytes();
  if (bytes.byteLength > MAX_DOCUMENT_BYTES) throw new Error(`${new URL(url).pathname} answered too much`);
  const document = parseJson(new TextDecoder().decode(bytes));
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
