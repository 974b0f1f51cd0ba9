import type { IncomingMessage } from "node:http";
import { type Answer, ok } from "./answer.ts";
import { isSame } from "./directory.ts";
import { isGraph } from "./graph.ts";
import { servicePrincipalId, type Tenant } from "./tenant.ts";

const LIFETIME_SECONDS = 24 * 3_600;

/** The app's user-assigned managed identity. */
export interface ManagedIdentity {
  clientId: string;
  /** The application permissions of Microsoft Graph that are granted to it. */
  roles: readonly string[];
  /** The secret that its endpoint requires. */
  header: string;
}

/** App Service's token endpoint for managed identities, API version 2019-08-01. */
export async function issueManagedIdentityToken(
  tenant: Tenant,
  { clientId, roles, header }: ManagedIdentity,
  { headers }: IncomingMessage,
  query: URLSearchParams,
): Promise<Answer> {
  if (headers["x-identity-header"] !== header)
    return failure(401, "The header X-IDENTITY-HEADER is missing or wrong.");
  if (query.get("api-version") !== "2019-08-01") return failure(400, "The api-version must be 2019-08-01.");
  if (!isSame(query.get("client_id") ?? clientId, clientId))
    return failure(400, "No User Assigned or Delegated Managed Identity found for specified ClientId.");
  const resource = query.get("resource") ?? "";
  if (!isGraph(tenant, resource))
    return failure(
      400,
      `AADSTS500011: The resource principal named ${resource} was not found in the tenant.`,
    );
  const claims = { aud: resource, appid: clientId, appidacr: "2", idtyp: "app", roles, ver: "1.0" };
  const { token, expiresAt } = await tenant.issue(claims, servicePrincipalId(clientId), LIFETIME_SECONDS);
  const issued = { access_token: token, client_id: clientId, expires_on: String(expiresAt) };
  return ok({ ...issued, resource, token_type: "Bearer" });
}

function failure(statusCode: number, message: string): Answer {
  return { status: statusCode, body: { statusCode, message } };
}
