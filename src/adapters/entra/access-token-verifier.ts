import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from "jose";
import { parseClientId, parseGuid } from "../../domain/client-id.ts";
import type { Clock } from "../../domain/ports.ts";
import type { VerifiedToken } from "../../domain/verified-token.ts";
import { createTenantJwks, type TenantJwks } from "./jwks.ts";
import { createOpenIdMetadata } from "./openid-metadata.ts";

/** The access tokens that LKPS accepts. */
export interface AccessTokenSettings {
  readonly authorityHost: string;
  /** A GUID, in any letter case. */
  readonly tenantId: string;
  /** The token must have exactly one audience, and it must be one of these. */
  readonly audiences: readonly string[];
  /** The time limit for fetching the tenant's signing keys. */
  readonly timeoutMs: number;
}

const CLOCK_SKEW_SECONDS = 60;

/** Verifies Entra access tokens and identifies the application that they were issued to. */
export interface AccessTokenVerifier {
  /**
   * Returns the caller, or `undefined` if the token is invalid.
   *
   * @throws DependencyError `directory_unavailable` if the tenant's signing keys are not available
   */
  verify(accessToken: string): Promise<VerifiedToken | undefined>;
  /** Fetches the tenant's signing keys before the first token arrives. */
  prefetch(): void;
}

/**
 * Accepts the tenant's v1 and v2 tokens, of applications and of users through an application. Rejects tokens
 * that are bound to a key (`cnf`): LKPS does not verify proof of possession, so a stolen one would work for
 * anyone.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 * @see https://www.rfc-editor.org/rfc/rfc8725 (why the algorithm is pinned)
 * @see https://www.rfc-editor.org/rfc/rfc7800 (cnf)
 */
export function createAccessTokenVerifier(settings: AccessTokenSettings, clock: Clock): AccessTokenVerifier {
  const { authorityHost, audiences, timeoutMs } = settings;
  const tenantId = settings.tenantId.toLowerCase();
  const metadataOf = (version: string) =>
    createOpenIdMetadata(`${authorityHost}/${tenantId}${version}/.well-known/openid-configuration`, clock);
  const [v1, v2] = [metadataOf(""), metadataOf("/v2.0")];
  // Each version has its own issuer and its own claim for the application.
  const versions: Record<string, { jwks: TenantJwks; claim: "appid" | "azp" }> = {
    "1.0": {
      jwks: createTenantJwks({ tenantId, metadata: v1, otherMetadata: v2, timeoutMs }, clock),
      claim: "appid",
    },
    "2.0": {
      jwks: createTenantJwks({ tenantId, metadata: v2, otherMetadata: v1, timeoutMs }, clock),
      claim: "azp",
    },
  };

  const verify = async (accessToken: string): Promise<VerifiedToken | undefined> => {
    // Unverified: used only to select the key and issuer for the verification below.
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
        currentDate: clock.now(),
        clockTolerance: CLOCK_SKEW_SECONDS,
        requiredClaims: ["exp"],
      }),
    );
    // jose also accepts a list of audiences; Entra issues a token for exactly one.
    if (payload === undefined || typeof payload.aud !== "string" || Object.hasOwn(payload, "cnf"))
      return undefined;
    const clientId = parseClientId(claimOf(payload, version.claim));
    if (clientId === undefined) return undefined;
    const scp = claimOf(payload, "scp");
    return {
      clientId,
      isApplicationToken: isApplicationToken(payload),
      scopes: typeof scp === "string" ? scp.split(" ") : [],
      objectId: parseGuid(claimOf(payload, "oid")),
    };
  };
  const prefetch = () => {
    for (const { jwks } of Object.values(versions)) jwks.prefetch();
  };
  return { verify, prefetch };
}

/** Decodes a token without verifying it; `undefined` if it is malformed. */
function decodeUnverified(accessToken: string) {
  try {
    const { alg, kid } = decodeProtectedHeader(accessToken);
    return { alg, kid, ver: decodeJwt(accessToken)["ver"] };
  } catch (error) {
    // jose throws TypeError for a malformed header and JOSEError for malformed claims.
    if (error instanceof TypeError || error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

/** The verified claims; `undefined` if jose rejects the token. Rethrows any other error. */
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
