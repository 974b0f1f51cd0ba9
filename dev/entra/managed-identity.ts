import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Answer } from "./json-response.ts";
import { servicePrincipalId, type Tenant } from "./tenant.ts";

const LIFETIME_SECONDS = 24 * 3_600;

/** The app's user-assigned managed identity. */
export interface ManagedIdentity {
  clientId: string;
  /** The application permissions of Microsoft Graph that are granted to it. */
  roles: readonly string[];
}

/**
 * App Service's token endpoint for managed identities, API version 2019-08-01.
 *
 * @param isResource - whether the tenant has a resource with this name
 */
export async function issueManagedIdentityToken(
  tenant: Tenant,
  identity: ManagedIdentity,
  identityHeader: string,
  request: IncomingMessage,
  query: URLSearchParams,
  isResource: (resource: string) => boolean,
): Promise<Answer> {
  if (!isSame(String(request.headers["x-identity-header"] ?? ""), identityHeader)) {
    return failure(401, "The header X-IDENTITY-HEADER is missing or wrong.");
  }
  if (query.get("api-version") !== "2019-08-01") return failure(400, "The api-version must be 2019-08-01.");
  const clientId = query.get("client_id") ?? identity.clientId;
  if (clientId.toLowerCase() !== identity.clientId.toLowerCase()) {
    return failure(400, "No User Assigned or Delegated Managed Identity found for specified ClientId.");
  }
  const resource = query.get("resource") ?? "";
  if (!isResource(resource)) {
    return failure(
      400,
      `AADSTS500011: The resource principal named ${resource} was not found in the tenant.`,
    );
  }
  const now = Math.floor(Date.now() / 1000);
  const principal = servicePrincipalId(identity.clientId);
  const token = await tenant.sign({
    aud: resource,
    iss: tenant.issuers.v1,
    iat: now,
    nbf: now,
    exp: now + LIFETIME_SECONDS,
    appid: identity.clientId,
    appidacr: "2",
    idp: tenant.issuers.v1,
    idtyp: "app",
    oid: principal,
    sub: principal,
    tid: tenant.id,
    roles: identity.roles,
    ver: "1.0",
  });
  return {
    status: 200,
    body: {
      access_token: token,
      client_id: identity.clientId,
      expires_on: String(now + LIFETIME_SECONDS),
      resource,
      token_type: "Bearer",
    },
  };
}

function isSame(presented: string, secret: string): boolean {
  const [a, b] = [Buffer.from(presented), Buffer.from(secret)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function failure(statusCode: number, message: string): Answer {
  return { status: statusCode, body: { statusCode, message } };
}
