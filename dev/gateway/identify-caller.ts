import { decodeJwt, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from "jose";
import { type ClientId, parseClientId } from "../../src/domain/client-id.ts";
import { JwksUnavailableError } from "./jwks.ts";

/** What an access token has to be for the gateway to believe it. */
export interface AccessTokenRules {
  /** The tenant's issuers, of tokens of either version. */
  issuers: { v1: string; v2: string };
  audiences: string[];
  keys: JWTVerifyGetKey;
}

/** Whom a token names, or why it does not count. */
export type Caller =
  | { clientId: ClientId; isApplicationToken: boolean }
  | { refusal: "caller_unidentified" | "invalid_token" | "directory_unavailable" };

const CLOCK_SKEW_SECONDS = 60;

/** Reads the caller from the `Authorization` headers of a request, by the checks that LKPS itself makes. */
export async function identifyCaller(authorization: string[] = [], rules: AccessTokenRules): Promise<Caller> {
  if (authorization.length === 0) return { refusal: "caller_unidentified" };
  // Two tokens are not one, and a signed JWT in its compact form is the only one worth a look.
  const accessToken = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization.join())?.[1];
  if (accessToken === undefined) return { refusal: "invalid_token" };
  try {
    const payload = await verify(accessToken, rules);
    const clientId = payload === null ? undefined : parseClientId(own(payload, versionOf(payload)?.claim));
    if (payload === null || clientId === undefined) return { refusal: "invalid_token" };
    return { clientId, isApplicationToken: isApplicationToken(payload) };
  } catch (error) {
    if (error instanceof JwksUnavailableError) return { refusal: "directory_unavailable" };
    if (error instanceof errors.JOSEError) return { refusal: "invalid_token" };
    throw error;
  }
}

async function verify(accessToken: string, { issuers, audiences, keys }: AccessTokenRules) {
  // Not proven yet: the version only picks the issuer that the token is then held against.
  const version = versionOf(decodeJwt(accessToken));
  if (version === null) return null;
  const { payload } = await jwtVerify(accessToken, keys, {
    algorithms: ["RS256"],
    issuer: issuers[version.issuer],
    audience: audiences,
    clockTolerance: CLOCK_SKEW_SECONDS,
    requiredClaims: ["exp"],
  });
  // jose takes a list of audiences too. `cnf` binds a token to a proof that nobody here asks for.
  return typeof payload.aud === "string" && !Object.hasOwn(payload, "cnf") ? payload : null;
}

/** The two versions have an issuer each, and name the application by different claims. */
function versionOf({ ver }: JWTPayload) {
  if (ver === "1.0") return { issuer: "v1", claim: "appid" } as const;
  return ver === "2.0" ? ({ issuer: "v2", claim: "azp" } as const) : null;
}

/** Not a user's through the application: any user of an agent's public client could act as the agent. */
function isApplicationToken(payload: JWTPayload): boolean {
  const isApplications = !Object.hasOwn(payload, "idtyp") || payload["idtyp"] === "app";
  return isApplications && !Object.hasOwn(payload, "scp");
}

function own(payload: JWTPayload, claim: string | undefined): unknown {
  return claim !== undefined && Object.hasOwn(payload, claim) ? payload[claim] : undefined;
}
