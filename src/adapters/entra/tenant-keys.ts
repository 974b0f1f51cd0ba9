import { createLocalJWKSet, importJWK, type JWK, type JWSHeaderParameters } from "jose";
import { DependencyError } from "../../domain/dependency-error.ts";
import { askedAhead } from "../asked-ahead.ts";
import { textOf } from "../text-of.ts";
import { within } from "../within.ts";

/** What a tenant publishes about the tokens of one version. */
interface TenantKeys {
  /** The issuer that its tokens name, exactly. */
  readonly issuer: string;
  readonly keyFor: ReturnType<typeof createLocalJWKSet>;
}

// Made-up key ids drive no more fetches than one in this time; a new key of the tenant's works this soon.
const COOL_DOWN_MS = 30_000;
// Microsoft rolls keys without notice and asks to look daily; a withdrawn key is forgotten within the hour.
const REFRESH_MS = 3_600_000;
const MAX_DOCUMENT_BYTES = 1024 * 1024;

/** The keys of one tenant, for tokens of one version. */
export interface TenantKeyring {
  /**
   * A look-up of what is held, newly fetched for a key id that is not among it (within the cool-down). Throws
   * `DependencyError` `directory_unavailable` if nothing is held and nothing can be had in time.
   */
  keysFor(header: JWSHeaderParameters): Promise<TenantKeys>;
  /** Fetches them before anybody needs them; where that fails, whoever needs them does. */
  askAhead(): void;
}

/**
 * The issuer and signing keys that a tenant's OpenID metadata names, fetched at the first use and kept. Where they
 * cannot be fetched again, those that are held go on serving.
 *
 * @param metadataUrl - of one version: `…/{tenant}/v2.0/.well-known/openid-configuration`, or without `v2.0`
 * @see https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-tokens
 * @see https://learn.microsoft.com/entra/identity-platform/signing-key-rollover
 */
export function createTenantKeys(metadataUrl: string, timeoutMs: number): TenantKeyring {
  let held: (TenantKeys & { readonly keyIds: ReadonlySet<string | undefined> }) | undefined;
  let heldSince = Number.NEGATIVE_INFINITY;
  /** When they were fetched again last, or should have been; the first fetch is nobody's doing. */
  let refetchedAt = Number.NEGATIVE_INFINITY;
  let flight: Promise<void> | undefined;

  const fetchAll = async (signal: AbortSignal): Promise<void> => {
    const metadata = await fetchJson(metadataUrl, signal);
    const { issuer, jwks_uri: keysUrl } = metadata;
    // What fetch says of an address that is none quotes it.
    if (typeof issuer !== "string" || typeof keysUrl !== "string" || !URL.canParse(keysUrl))
      throw new Error("The metadata names no keys");
    const askedAt = performance.now();
    const { keys: published } = await fetchJson(keysUrl, signal);
    if (!Array.isArray(published)) throw new Error("The tenant publishes no list of keys");
    const areUsable = await Promise.all(published.map(isUsable));
    const keys: JWK[] = published.filter((_, at) => areUsable[at]);
    if (keys.length === 0) throw new Error("The tenant publishes no key that can be used");
    held = { issuer, keyFor: createLocalJWKSet({ keys }), keyIds: new Set(keys.map((key) => key.kid)) };
    heldSince = askedAt;
  };
  const fetchShared = (): Promise<void> => {
    flight ??= within(timeoutMs, fetchAll).finally(() => {
      flight = undefined;
    });
    return flight;
  };

  const ahead = askedAhead(() => within(timeoutMs, fetchAll), timeoutMs);
  const keysFor = async ({ kid }: JWSHeaderParameters): Promise<TenantKeys> => {
    if (held === undefined) {
      try {
        await within(timeoutMs, () => ahead.orOwn(fetchShared));
      } catch (error) {
        const message = "The tenant's keys cannot be had";
        throw new DependencyError("directory_unavailable", message, { cause: error });
      }
      return held as unknown as TenantKeys;
    }
    const now = performance.now();
    // Waited for: after an idle night the first token must not be held against last evening's keys.
    const isWanting = !held.keyIds.has(kid) || now - heldSince > REFRESH_MS;
    if (isWanting && (flight !== undefined || now - refetchedAt > COOL_DOWN_MS)) {
      if (flight === undefined) refetchedAt = now;
      await fetchShared().catch(() => {});
    }
    return held;
  };
  return { keysFor, askAhead: ahead.ask };
}

/** One that cannot be imported is as good as not published: kept, it would be a defect at each token that names it. */
async function isUsable(key: JWK | null): Promise<boolean> {
  if (key?.kty !== "RSA") return false;
  return await importJWK(key, "RS256").then(
    () => true,
    () => false,
  );
}

async function fetchJson(url: string, signal: AbortSignal): Promise<Record<string, unknown>> {
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
