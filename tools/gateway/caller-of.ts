import type { JWTVerifyGetKey } from "jose";
import { jwtVerify } from "jose";

/** What an access token has to be for the gateway to believe it. */
export interface AccessTokenRules {
  issuers: string[];
  audiences: string[];
  keys: JWTVerifyGetKey;
}

/** The application a request comes from: `azp` of a v2 token, `appid` of a v1 token; null is the gateway's 401. */
export async function callerOf(
  authorization: string | undefined,
  rules: AccessTokenRules,
): Promise<string | null> {
  const accessToken = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
  if (accessToken === undefined) return null;
  try {
    const { payload } = await jwtVerify(accessToken, rules.keys, {
      algorithms: ["RS256"],
      issuer: rules.issuers,
      audience: rules.audiences,
      requiredClaims: ["exp"],
    });
    const caller = payload["azp"] ?? payload["appid"];
    return typeof caller === "string" ? caller : null;
  } catch {
    return null;
  }
}
