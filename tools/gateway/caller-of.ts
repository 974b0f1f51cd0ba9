import { type JWTVerifyGetKey, jwtVerify } from "jose";

/** What an access token has to be for the gateway to believe it. */
export interface AccessTokenRules {
  issuers: string[];
  audiences: string[];
  keys: JWTVerifyGetKey;
}

/** The application a request comes from, or the status with which the gateway refuses it. */
export type Caller = { clientId: string } | { refusal: 401 | 403 };

/** Reads the caller from an access token: `azp` of a v2 token, `appid` of a v1 token. */
export async function callerOf(authorization: string | undefined, rules: AccessTokenRules): Promise<Caller> {
  const accessToken = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
  if (accessToken === undefined) return { refusal: 401 };
  try {
    const { payload } = await jwtVerify(accessToken, rules.keys, {
      algorithms: ["RS256"],
      issuer: rules.issuers,
      audience: rules.audiences,
      requiredClaims: ["exp"],
    });
    const clientId = payload["azp"] ?? payload["appid"];
    // A good token that names no application is Ocelot's 403.
    return typeof clientId === "string" ? { clientId } : { refusal: 403 };
  } catch {
    return { refusal: 401 };
  }
}
