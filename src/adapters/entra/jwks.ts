import { type CryptoKey, createLocalJWKSet, type JWK } from "jose";
import { DependencyError } from "../../domain/dependency-error.ts";
import { createPrefetch } from "../lib/prefetch.ts";
import { withTimeout } from "../lib/timeout.ts";
import { fetchJson, type OpenIdMetadata } from "./openid-metadata.ts";

/** What a token is verified against. */
interface VerificationKey {
  /** The issuer that the token must name, exactly. */
  readonly issuer: string;
  readonly key: CryptoKey;
}

interface PublishedKey {
  readonly kid: string | undefined;
  /** The issuer whose tokens it signs, its placeholder filled in; every issuer of the tenant's without one. */
  readonly issuer: string | undefined;
  readonly key: CryptoKey;
}

// Made-up key ids drive no more fetches than one in this time; a new key of the tenant's works this soon.
const COOL_DOWN_MS = 30_000;
// Microsoft rolls keys without notice and asks to look daily; a withdrawn key is forgotten within the hour.
const REFRESH_MS = 3_600_000;
// jose verifies nothing with a shorter one (RFC 7518, 3.3).
const MIN_MODULUS_BITS = 2048;

/** Which tenant's keys, for tokens of one version. */
export interface TenantJwksSettings {
  /** In lower case, as Entra's issuers have it. */
  readonly tenantId: string;
  readonly metadata: OpenIdMetadata;
  /** Of the tenant's other version: a key may be published for that one's issuer. */
  readonly otherMetadata: OpenIdMetadata;
  readonly timeoutMs: number;
}

/** The keys of one tenant, for tokens of one version. */
export interface TenantJwks {
  /**
   * The tenant's key with that id: of those that are held, newly fetched for an id that is not among them (within the
   * cool-down). `undefined` where the tenant has none, or publishes it for the tokens of another issuer than its two.
   * Throws `DependencyError` `directory_unavailable` if nothing is held and nothing can be had in time.
   */
  findKey(kid: string): Promise<VerificationKey | undefined>;
  /** Fetches them before anybody needs them; where that fails, whoever needs them does. */
  prefetch(): void;
}

/**
 * The issuer and signing keys that a tenant's OpenID metadata names, fetched at the first use and kept. Where they
 * cannot be fetched again, those that are held go on serving.
 *
 * Not by jose's `createRemoteJWKSet`: it drops what it holds with a fetch that fails, and has no cool-down after one.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens
 * @see https://learn.microsoft.com/entra/identity-platform/signing-key-rollover
 */
export function createTenantJwks(settings: TenantJwksSettings): TenantJwks {
  const { tenantId, metadata, otherMetadata, timeoutMs } = settings;
  let held: { readonly issuer: string; readonly keys: readonly PublishedKey[] } | undefined;
  let heldSince = Number.NEGATIVE_INFINITY;
  /** When they were fetched again last, or should have been; the first fetch is nobody's doing. */
  let refetchedAt = Number.NEGATIVE_INFINITY;
  let inFlight: Promise<NonNullable<typeof held>> | undefined;

  const fetchAll = async (signal: AbortSignal) => {
    const { issuer, keysUrl } = await metadata.fetch(signal);
    const requestedAt = performance.now();
    const { keys: published } = await fetchJson(keysUrl, signal);
    if (!Array.isArray(published)) throw new Error("The tenant publishes no list of keys");
    const usable = await Promise.all(published.map((jwk) => usableKey(jwk, tenantId)));
    const keys = usable.filter((key) => key !== undefined);
    if (keys.length === 0) throw new Error("The tenant publishes no key that can be used");
    held = { issuer, keys };
    heldSince = requestedAt;
    return held;
  };
  const fetchShared = () => {
    inFlight ??= withTimeout(timeoutMs, fetchAll).finally(() => {
      inFlight = undefined;
    });
    return inFlight;
  };

  const prefetch = createPrefetch(() => withTimeout(timeoutMs, fetchAll), timeoutMs);
  const current = async (kid: string) => {
    if (held === undefined) {
      return await withTimeout(timeoutMs, () => prefetch.orFetch(fetchShared)).catch(unavailable);
    }
    const now = performance.now();
    const isKnown = held.keys.some((key) => key.kid === kid);
    // Waited for: after an idle night the first token must not be held against last evening's keys.
    const isStale = !isKnown || now - heldSince > REFRESH_MS;
    if (isStale && (inFlight !== undefined || now - refetchedAt > COOL_DOWN_MS)) {
      if (inFlight === undefined) refetchedAt = now;
      await fetchShared().catch(() => {});
    }
    return held;
  };
  const findKey = async (kid: string): Promise<VerificationKey | undefined> => {
    const deadline = performance.now() + timeoutMs;
    const { issuer, keys } = await current(kid);
    const named = keys.filter((published) => published.kid === kid);
    let found = named.find((published) => published.issuer === undefined || published.issuer === issuer);
    if (found === undefined && named.length > 0) {
      // Only for such a key, so that no other token depends on the other version's document.
      const other = await otherMetadata.issuer(deadline - performance.now()).catch(unavailable);
      found = named.find((published) => published.issuer === other);
    }
    return found && { issuer, key: found.key };
  };
  return { findKey, prefetch: prefetch.start };
}

function unavailable(cause: unknown): never {
  throw new DependencyError("directory_unavailable", "The tenant's keys cannot be had", { cause });
}

/** One that cannot be used is as good as not published: kept, it would be a defect at each token that names it. */
async function usableKey(
  jwk: (JWK & { issuer?: unknown }) | null,
  tenantId: string,
): Promise<PublishedKey | undefined> {
  const issuer = jwk?.issuer;
  if (jwk === null || (issuer !== undefined && typeof issuer !== "string")) return undefined;
  try {
    // jose's own choice among keys: its use, algorithm, operations, and that it is public.
    const key = await createLocalJWKSet({ keys: [jwk] })({ alg: "RS256" });
    const { modulusLength } = key.algorithm as { readonly modulusLength?: number };
    if (modulusLength === undefined || modulusLength < MIN_MODULUS_BITS) return undefined;
    return { kid: jwk.kid, issuer: issuer?.replaceAll("{tenantid}", tenantId), key };
  } catch {
    return undefined;
  }
}
