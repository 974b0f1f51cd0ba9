import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from "jose";
import { parseClientId } from "../../domain/client-id.ts";
import type { VerifiedToken } from "../../domain/verified-token.ts";
import { createTenantJwks, type TenantJwks } from "./jwks.ts";
import { createOpenIdMetadata } from "./openid-metadata.ts";

/** Which access tokens count. */
export interface AccessTokenSettings {
  readonly authorityHost: string;
  /** In any letter case. */
  readonly tenantId: string;
  /** The token's one audience must be among these. */
  readonly audiences: readonly string[];
  /** The most that fetching the tenant's keys may take. */
  readonly timeoutMs: number;
}

const CLOCK_SKEW_SECONDS = 60;

/** Tells which application an Entra access token was issued to. */
export interface AccessTokenVerifier {
  /**
   * What the token says, or `undefined` for one that is wrong in any way. Throws `DependencyError`
   * `directory_unavailable` if the tenant's keys cannot be had.
   */
  verify(accessToken: string): Promise<VerifiedToken | undefined>;
  /** Fetches the tenant's keys before the first token comes. */
  prefetch(): void;
}

/**
 * Takes the tenant's tokens of both versions, an application's own as well as a user's through one. A token that is
 * bound to a key (`cnf`) is refused: LKPS asks for no proof of possession, so it would be good for whoever stole it.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 * @see https://www.rfc-editor.org/rfc/rfc8725 (why the algorithm is pinned)
 * @see https://www.rfc-editor.org/rfc/rfc7800 (cnf)
 */
export function createAccessTokenVerifier(settings: AccessTokenSettings): AccessTokenVerifier {
  const { authorityHost, audiences, timeoutMs } = settings;
  const tenantId = settings.tenantId.toLowerCase();
  const metadataOf = (version: string) =>
    createOpenIdMetadata(`${authorityHost}/${tenantId}${version}/.well-known/openid-configuration`);
  const [v1, v2] = [metadataOf(""), metadataOf("/v2.0")];
  // The two versions have an issuer each, and name the application by different claims.
  const versions: Record<string, { jwks: TenantJwks; claim: "appid" | "azp" }> = {
    "1.0": {
      jwks: createTenantJwks({ tenantId, metadata: v1, otherMetadata: v2, timeoutMs }),
      claim: "appid",
    },
    "2.0": { jwks: createTenantJwks({ tenantId, metadata: v2, otherMetadata: v1, timeoutMs }), claim: "azp" },
  };

  const verify = async (accessToken: string): Promise<VerifiedToken | undefined> => {
    // Not proven yet: these only pick the key and the issuer that the token is then held against.
    const { alg, kid, ver } = decodeUnverified(accessToken) ?? {};
    const version = typeof ver === "string" && Object.hasOwn(versions, ver) ? versions[ver] : undefined;
    if (version === undefined || alg !== "RS256" || typeof kid !== "string") return undefined;

    const found = await version.jwks.findKey(kid);
    if (found === undefined) return undefined;
    const payload = await payloadIfValid(
      jwtVerify(accessToken, found.key, {
        algorithms: ["RS256"],
        issuer: found.issuer,
        audience: [...audiences],
        clockTolerance: CLOCK_SKEW_SECONDS,
        requiredClaims: ["exp"],
      }),
    );
    // jose takes a list of audiences too; Entra issues a token for one.
    if (payload === undefined || typeof payload.aud !== "string" || Object.hasOwn(payload, "cnf"))
      return undefined;
    const clientId = parseClientId(claimOf(payload, version.claim));
    return clientId && { clientId, isApplicationToken: isApplicationToken(payload) };
  };
  const prefetch = () => {
    for (const { jwks } of Object.values(versions)) jwks.prefetch();
  };
  return { verify, prefetch };
}

/** What a token says of itself; `undefined` if it is malformed. */
function decodeUnverified(accessToken: string) {
  try {
    const { alg, kid } = decodeProtectedHeader(accessToken);
    return { alg, kid, ver: decodeJwt(accessToken)["ver"] };
  } catch (error) {
    // jose's word for a malformed header is TypeError, for malformed claims its own. Nothing else runs in here.
    if (error instanceof TypeError || error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

/** The claims of a token that jose has verified; `undefined` if jose refuses it. Anything else thrown is a defect. */
async function payloadIfValid(verified: ReturnType<typeof jwtVerify>): Promise<JWTPayload | undefined> {
  try {
    return (await verified).payload;
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

/** @see https://learn.microsoft.com/entra/identity-platform/optional-claims-reference (`idtyp` is optional) */
function isApplicationToken(payload: JWTPayload): boolean {
  if (Object.hasOwn(payload, "scp")) return false;
  return !Object.hasOwn(payload, "idtyp") || payload["idtyp"] === "app";
}

function claimOf(payload: JWTPayload, claim: string): unknown {
  return Object.hasOwn(payload, claim) ? payload[claim] : undefined;
}
