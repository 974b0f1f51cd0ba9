import { decodeJwt, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import { type ClientId, parseClientId } from "../../src/domain/client-id.ts";
import { JwksUnavailableError } from "./jwks.ts";

/** The requirements for an access token. */
export interface AccessTokenRules {
  /** The tenant's issuers for each token version. */
  issuers: { v1: string; v2: string };
  audiences: string[];
  keys: JWTVerifyGetKey;
}

/** The caller, or why the token is rejected. */
export type Caller =
  | { clientId: ClientId; isApplicationToken: boolean }
  | { refusal: "caller_unidentified" | "invalid_token" | "directory_unavailable" };

const CLOCK_SKEW_SECONDS = 60;

/** Identifies the caller from the `Authorization` headers with the same checks as LKPS. */
export async function identifyCaller(authorization: string[] = [], rules: AccessTokenRules): Promise<Caller> {
  if (authorization.length === 0) return { refusal: "caller_unidentified" };
  // Exactly one token, and only a signed JWT in compact form.
  const accessToken = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization.join())?.[1];
  if (accessToken === undefined) return { refusal: "invalid_token" };
  try {
    const payload = await verify(accessToken, rules);
    const clientId =
      payload === null ? undefined : parseClientId(claimOf(payload, versionOf(payload)?.claim));
    if (payload === null || clientId === undefined) return { refusal: "invalid_token" };
    return { clientId, isApplicationToken: isApplicationToken(payload) };
  } catch (error) {
    if (error instanceof JwksUnavailableError) return { refusal: "directory_unavailable" };
    if (error instanceof errors.JOSEError) return { refusal: "invalid_token" };
    throw error;
  }
}

async function verify(accessToken: string, { issuers, audiences, keys }: AccessTokenRules) {
  // Unverified: the version only selects the issuer for the verification below.
  const version = versionOf(decodeJwt(accessToken));
  if (version === null) return null;
  const { payload } = await jwtVerify(accessToken, keys, {
    algorithms: ["RS256"],
    issuer: issuers[version.issuer],
    audience: audiences,
    clockTolerance: CLOCK_SKEW_SECONDS,
    requiredClaims: ["exp"],
  });
  // jose also accepts a list of audiences. `cnf` binds a token to a proof that the gateway does not verify.
  return typeof payload.aud === "string" && !Object.hasOwn(payload, "cnf") ? payload : null;
}

/** Each version has its own issuer and its own claim for the application. */
function versionOf({ ver }: JWTPayload) {
  if (ver === "1.0") return { issuer: "v1", claim: "appid" } as const;
  return ver === "2.0" ? ({ issuer: "v2", claim: "azp" } as const) : null;
}

/** Rejects tokens of users: otherwise any user of an agent's public client could act as the agent. */
function isApplicationToken(payload: JWTPayload): boolean {
  const isApplications = !Object.hasOwn(payload, "idtyp") || payload["idtyp"] === "app";
  return isApplications && !Object.hasOwn(payload, "scp");
}

function claimOf(payload: JWTPayload, claim: string | undefined): unknown {
  return claim !== undefined && Object.hasOwn(payload, claim) ? payload[claim] : undefined;
}
