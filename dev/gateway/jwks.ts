import { createRemoteJWKSet, errors, type JWK, type JWTVerifyGetKey } from "jose";

/** Thrown if no signing keys are available. */
export class JwksUnavailableError extends Error {}

/**
 * Creates a key lookup in the tenant's JWKS, which is fetched when needed. Ignores keys published for an
 * issuer that is not the tenant's.
 *
 * @throws JwksUnavailableError if no keys are cached and none can be fetched
 */
export function createTenantJwks(
  jwksUri: string,
  tenantId: string,
  issuers: { v1: string; v2: string },
): JWTVerifyGetKey {
  const remote = createRemoteJWKSet(new URL(jwksUri), {
    cooldownDuration: 0,
    cacheMaxAge: Number.POSITIVE_INFINITY,
  });
  return async (header, token) => {
    const { kid } = header;
    if (typeof kid !== "string") throw new errors.JWKSNoMatchingKey();
    const key = await remote(header, token).catch((cause: unknown) => {
      // With keys cached, the refetch was caused by a token with an unknown key.
      if (remote.jwks() === undefined)
        throw new JwksUnavailableError("The tenant's signing keys are not available", { cause });
      throw new errors.JWKSNoMatchingKey(undefined, { cause });
    });
    const published: (JWK & { issuer?: unknown })[] = remote.jwks()?.keys ?? [];
    const issuer = published.find((one) => one.kid === kid)?.issuer;
    const isForeign =
      issuer !== undefined &&
      !Object.values(issuers).includes(String(issuer).replace("{tenantid}", tenantId));
    if (isForeign) throw new errors.JWKSNoMatchingKey();
    return key;
  };
}
