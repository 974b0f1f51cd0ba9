import { createHash } from "node:crypto";
import { createLocalJWKSet, type JSONWebKeySet, type JWTPayload, jwtVerify, SignJWT } from "jose";
import type { SigningKey } from "./signing-key.ts";

/** A tenant and its signing key. */
export interface Tenant {
  id: string;
  /** The stand-in's URL. */
  url: string;
  /** The issuers in the metadata of each version. */
  issuers: { v1: string; v2: string };
  keys: JSONWebKeySet;
  /** How long access tokens of applications and people are valid. */
  accessTokenSeconds: number;
  /** Issues a token with these claims and the common ones, from now on. */
  issue(
    claims: JWTPayload,
    subject: string,
    lifetimeSeconds: number,
  ): Promise<{ token: string; expiresAt: number }>;
  /** Signs any claims, valid or not, as this tenant. */
  sign(claims: JWTPayload): Promise<string>;
  /** Returns the claims of a token signed by this tenant, or null. */
  verify(token: string): Promise<JWTPayload | null>;
}

/** Creates the tenant at a URL. */
export function createTenant(id: string, url: string, key: SigningKey, accessTokenSeconds: number): Tenant {
  const { jwk, kid } = key;
  const { kty, n, e } = jwk as { kty: string; n: string; e: string };
  const keys = { keys: [{ kty, use: "sig", kid, n, e }] };
  const local = createLocalJWKSet(keys);
  // In Entra, the v1 issuer is on another host (sts.windows.net); here it is another path.
  const issuers = { v1: `${url}/sts.windows.net/${id}/`, v2: `${url}/${id}/v2.0` };
  const sign = (claims: JWTPayload) =>
    new SignJWT(claims).setProtectedHeader({ typ: "JWT", alg: "RS256", kid }).sign(jwk);
  return {
    id,
    url,
    issuers,
    keys,
    accessTokenSeconds,
    async issue(claims, subject, lifetimeSeconds) {
      const now = Math.floor(Date.now() / 1_000);
      const iss = claims["ver"] === "2.0" ? issuers.v2 : issuers.v1;
      const times = { iat: now, nbf: now, exp: now + lifetimeSeconds };
      const token = await sign({ iss, ...times, tid: id, oid: subject, sub: subject, ...claims });
      return { token, expiresAt: times.exp };
    },
    sign,
    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, local, { algorithms: ["RS256"], requiredClaims: ["exp"] });
        return payload;
      } catch {
        return null;
      }
    },
  };
}

/**
 * The object id of an application's service principal, derived from the client id so that it never changes.
 */
export function servicePrincipalId(clientId: string): string {
  const hex = createHash("sha256").update(`service principal of ${clientId.toLowerCase()}`).digest("hex");
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-4$3-8$4-$5");
}
