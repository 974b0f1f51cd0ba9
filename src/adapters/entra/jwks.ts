import { type CryptoKey, createLocalJWKSet, type JWK } from "jose";
import { DependencyError } from "../../domain/dependency-error.ts";
import type { Clock } from "../../domain/ports.ts";
import { shareInFlight } from "../lib/share-in-flight.ts";
import { fetchJson, type OpenIdMetadata } from "./openid-metadata.ts";

/** What a token is verified with. */
interface VerificationKey {
  /** The exact issuer that the token must have. */
  readonly issuer: string;
  readonly key: CryptoKey;
}

interface PublishedKey {
  readonly kid: string | undefined;
  /**
   * The issuer whose tokens this key signs, with `{tenantid}` replaced. If undefined, the key is valid for
   * all of the tenant's issuers.
   */
  readonly issuer: string | undefined;
  readonly key: CryptoKey;
}

// Tokens with unknown key ids trigger at most one fetch in this time, so a new key works within 30 s.
const COOLDOWN_MS = 30_000;
// Microsoft rotates keys without notice and recommends a daily refresh. Hourly also drops a revoked key
// within an hour.
const REFRESH_MS = 3_600_000;
// The minimum for RS256 (RFC 7518, 3.3); jose rejects shorter keys.
const MIN_MODULUS_BITS = 2048;

/** The tenant, and the token version. */
export interface TenantJwksSettings {
  /** In lower case, as in Entra's issuers. */
  readonly tenantId: string;
  readonly metadata: OpenIdMetadata;
  /** The metadata of the other token version: a key may be published for that version's issuer. */
  readonly otherMetadata: OpenIdMetadata;
  readonly timeoutMs: number;
}

/** A tenant's signing keys for one token version. */
export interface TenantJwks {
  /**
   * Finds the key with this id. Fetches the keys if none are cached, or if the id is unknown and the cooldown
   * is over. Returns `undefined` if the tenant has no such key or publishes it for another issuer.
   *
   * @throws DependencyError `directory_unavailable` if no keys are cached and they can't be fetched in time
   */
  findKey(kid: string): Promise<VerificationKey | undefined>;
  /** Fetches the keys before they are needed. If that fails, {@link findKey} tries again. */
  prefetch(): void;
}

/**
 * Fetches and caches the issuer and signing keys from a tenant's OpenID metadata. If a refresh fails, the
 * cached keys stay in use.
 *
 * Does not use jose's `createRemoteJWKSet`, which discards its keys when a refresh fails and then has no
 * cooldown.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens
 * @see https://learn.microsoft.com/entra/identity-platform/signing-key-rollover
 */
export function createTenantJwks(settings: TenantJwksSettings, clock: Pick<Clock, "elapsed">): TenantJwks {
  const { tenantId, metadata, otherMetadata, timeoutMs } = settings;
  let cached: { readonly issuer: string; readonly keys: readonly PublishedKey[] } | undefined;
  let cachedAt = Number.NEGATIVE_INFINITY;
  /** When the last refresh started. The initial fetch does not count. */
  let refreshedAt = Number.NEGATIVE_INFINITY;

  const fetchAll = async (signal: AbortSignal) => {
    const { issuer, keysUrl } = await metadata.fetch(signal);
    const requestedAt = clock.elapsed();
    const { keys: published } = await fetchJson(keysUrl, signal);
    if (!Array.isArray(published)) throw new Error("The tenant's JWKS has no list of keys");
    const usable = await Promise.all(published.map((jwk) => usableKey(jwk, tenantId)));
    const keys = usable.filter((key) => key !== undefined);
    if (keys.length === 0) throw new Error("The tenant's JWKS has no usable key");
    cached = { issuer, keys };
    cachedAt = requestedAt;
    return cached;
  };
  const fetching = shareInFlight(clock, fetchAll);

  const current = async (kid: string) => {
    if (cached === undefined) return await fetching.get(timeoutMs).catch(unavailable);
    const now = clock.elapsed();
    const isKnown = cached.keys.some((key) => key.kid === kid);
    // Wait for the refresh: after an idle night, the first token must not be checked against old keys.
    const isStale = !isKnown || now - cachedAt > REFRESH_MS;
    let refresh = fetching.current();
    if (isStale && refresh === undefined && now - refreshedAt > COOLDOWN_MS) {
      refreshedAt = now;
      refresh = fetching.get(timeoutMs);
    }
    if (isStale) await refresh?.catch(() => {});
    return cached;
  };
  const findKey = async (kid: string): Promise<VerificationKey | undefined> => {
    const deadline = clock.elapsed() + timeoutMs;
    const { issuer, keys } = await current(kid);
    const named = keys.filter((published) => published.kid === kid);
    let found = named.find((published) => published.issuer === undefined || published.issuer === issuer);
    if (found === undefined && named.length > 0) {
      // Only for such a key, so that other tokens don't depend on the other version's metadata.
      const otherIssuer = await otherMetadata
        .issuer(Math.max(1, Math.ceil(deadline - clock.elapsed())))
        .catch(unavailable);
      found = named.find((published) => published.issuer === otherIssuer);
    }
    return found && { issuer, key: found.key };
  };
  const prefetch = () => void fetching.get(timeoutMs).catch(() => {});
  return { findKey, prefetch };
}

function unavailable(cause: unknown): never {
  throw new DependencyError("directory_unavailable", "The tenant's signing keys are not available", {
    cause,
  });
}

/** Skips unusable keys: a cached one would cause an error for every token that names it. */
async function usableKey(
  jwk: (JWK & { issuer?: unknown }) | null,
  tenantId: string,
): Promise<PublishedKey | undefined> {
  const issuer = jwk?.issuer;
  if (jwk === null || (issuer !== undefined && typeof issuer !== "string")) return undefined;
  try {
    // Lets jose check that the key is public and meant for signing with RS256.
    const key = await createLocalJWKSet({ keys: [jwk] })({ alg: "RS256" });
    const { modulusLength } = key.algorithm as { readonly modulusLength?: number };
    if (modulusLength === undefined || modulusLength < MIN_MODULUS_BITS) return undefined;
    return { kid: jwk.kid, issuer: issuer?.replaceAll("{tenantid}", tenantId), key };
  } catch {
    return undefined;
  }
}
