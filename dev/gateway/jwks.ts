import { createRemoteJWKSet, errors, type JWK, type JWTVerifyGetKey } from "jose";

/** Thrown while there are no keys to check a token by. */
export class JwksUnavailableError extends Error {}

/**
 * The tenant's published keys, fetched when they are needed. One with an issuer that is not the tenant's is not used.
 * @throws JwksUnavailableError while none are held and none can be had
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
      // Where some are held, it is a token with an unknown key that has them fetched again.
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
