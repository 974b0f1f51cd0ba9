import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from "jose";
import { type ClientId, parseClientId } from "../../domain/client-id.ts";
import { createTenantKeys, type TenantKeyring } from "./tenant-keys.ts";

/** Which access tokens count. */
export interface AccessTokenSettings {
  readonly authorityHost: string;
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
   * The application's client id, or `undefined` for a token that is wrong in any way. Throws `DependencyError`
   * `directory_unavailable` if the tenant's keys cannot be had.
   */
  verify(accessToken: string): Promise<ClientId | undefined>;
  /** Fetches the tenant's keys before the first token comes. */
  askAhead(): void;
}

/**
 * Takes the tenant's tokens of both versions, an application's own as well as a user's through one.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
 * @see https://www.rfc-editor.org/rfc/rfc8725 (why the algorithm is pinned)
 */
export function createAccessTokenVerifier(settings: AccessTokenSettings): AccessTokenVerifier {
  const { authorityHost, tenantId, audiences, timeoutMs } = settings;
  const metadataUrl = (version: string) =>
    `${authorityHost}/${tenantId}${version}/.well-known/openid-configuration`;
  // The two versions have an issuer each, and name the application by different claims.
  const versions: Record<string, { keys: TenantKeyring; claim: "appid" | "azp" }> = {
    "1.0": { keys: createTenantKeys(metadataUrl(""), timeoutMs), claim: "appid" },
    "2.0": { keys: createTenantKeys(metadataUrl("/v2.0"), timeoutMs), claim: "azp" },
  };

  const verify = async (accessToken: string): Promise<ClientId | undefined> => {
    try {
      // Not proven yet: the version only picks the keys and the issuer that the token is then held against.
      const { ver } = decodeJwt(accessToken);
      const version = typeof ver === "string" && Object.hasOwn(versions, ver) ? versions[ver] : undefined;
      if (version === undefined) return undefined;
      const header = decodeProtectedHeader(accessToken);
      if (header.alg !== "RS256" || typeof header.kid !== "string") return undefined;

      const { issuer, keyFor } = await version.keys.keysFor(header);
      const { payload } = await jwtVerify(accessToken, keyFor, {
        algorithms: ["RS256"],
        issuer,
        audience: [...audiences],
        clockTolerance: CLOCK_SKEW_SECONDS,
        requiredClaims: ["exp"],
      });
      // jose takes a list of audiences too; Entra issues a token for one.
      return typeof payload.aud === "string" ? parseClientId(claimOf(payload, version.claim)) : undefined;
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
      throw error;
    }
  };
  const askAhead = () => {
    for (const { keys } of Object.values(versions)) keys.askAhead();
  };
  return { verify, askAhead };
}

function claimOf(payload: JWTPayload, claim: string): unknown {
  return Object.hasOwn(payload, claim) ? payload[claim] : undefined;
}
