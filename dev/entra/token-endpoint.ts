import { randomBytes, randomUUID } from "node:crypto";
import type { Answer } from "./answer.ts";
import { type AppRegistration, findApplication } from "./directory.ts";
import { isGraph } from "./graph.ts";
import { servicePrincipalId, type Tenant } from "./tenant.ts";
import { issueUserToken } from "./user-token.ts";

const LIFETIME_SECONDS = 3_600;

/**
 * `POST /{tenant}/oauth2/v2.0/token`: an application's token for a resource by the client credentials grant, or a user's
 * token for Graph by the password grant. The older `/oauth2/token` names the resource itself, instead of a scope.
 *
 * It serves soft-deleted applications too. In Entra a token outlives its application; here that is how one gets it.
 */
export async function issueToken(
  tenant: Tenant,
  applications: AppRegistration[],
  form: URLSearchParams,
): Promise<Answer> {
  const resourceName = form.get("resource");
  if (resourceName !== null) form.set("scope", `${resourceName}/.default`);
  const missing = ["grant_type", "client_id", "scope"].find((name) => !form.get(name));
  if (missing !== undefined) {
    return failure(
      400,
      "invalid_request",
      900144,
      `The request body must contain the following parameter: '${missing}'.`,
    );
  }
  const audience = (form.get("scope") ?? "").replace(/\/\.default$/, "");
  if (form.get("grant_type") === "password" && isGraph(tenant, audience))
    return await issueUserToken(tenant, form);
  if (form.get("grant_type") !== "client_credentials") {
    return failure(400, "unsupported_grant_type", 70003, "The app requested an unsupported grant type.");
  }
  const clientId = form.get("client_id") ?? "";
  const client = findApplication(applications, clientId);
  if (client === undefined) {
    return failure(
      400,
      "unauthorized_client",
      700016,
      `Application with identifier '${clientId}' was not found in the directory.`,
    );
  }
  const secret = form.get("client_secret") ?? "";
  if (secret === "" || !client.passwordCredentials?.some(({ secretText }) => secretText === secret)) {
    return failure(
      401,
      "invalid_client",
      7000215,
      `Invalid client secret provided for app '${client.appId}'.`,
    );
  }
  const scope = form.get("scope") ?? "";
  if (!scope.endsWith("/.default")) {
    return failure(
      400,
      "invalid_scope",
      1002012,
      `The scope ${scope} is not valid: it must end in '/.default'.`,
    );
  }
  const resource = findResource(applications, audience);
  if (resource === undefined) {
    return failure(
      400,
      "invalid_resource",
      500011,
      `The resource principal named ${audience} was not found in the tenant.`,
    );
  }
  const token = await tenant.sign(accessTokenClaims(tenant, client, resource, audience));
  const expiry = { expires_in: LIFETIME_SECONDS - 1, ext_expires_in: LIFETIME_SECONDS - 1 };
  return { status: 200, body: { token_type: "Bearer", ...expiry, access_token: token } };
}

/** Entra's own: the resource's app registration says which version its tokens have. */
function accessTokenClaims(
  tenant: Tenant,
  client: AppRegistration,
  resource: AppRegistration,
  audience: string,
) {
  const now = Math.floor(Date.now() / 1000);
  const principal = servicePrincipalId(client.appId);
  const common = {
    iat: now,
    nbf: now,
    exp: now + LIFETIME_SECONDS,
    oid: principal,
    sub: principal,
    tid: tenant.id,
    uti: randomBytes(16).toString("base64url"),
    // An application's own token has no `scp`, and says what it is only where the resource asks for that.
    ...(resource.optionalClaims?.accessToken?.some(({ name }) => name === "idtyp") && { idtyp: "app" }),
  };
  const clientId = client.appId.toLowerCase();
  return resource.api?.requestedAccessTokenVersion === 2
    ? { aud: resource.appId, iss: tenant.issuers.v2, azp: clientId, azpacr: "1", ver: "2.0", ...common }
    : {
        aud: audience,
        iss: tenant.issuers.v1,
        appid: clientId,
        appidacr: "1",
        idp: tenant.issuers.v1,
        ver: "1.0",
        ...common,
      };
}

function findResource(applications: AppRegistration[], audience: string): AppRegistration | undefined {
  return (
    findApplication(applications, audience) ??
    applications.find(({ identifierUris }) => identifierUris?.includes(audience))
  );
}

/** An error in Entra's shape. */
export function failure(status: number, error: string, code: number, text: string): Answer {
  const timestamp = `${new Date().toISOString().slice(0, 19).replace("T", " ")}Z`;
  const [traceId, correlationId] = [randomUUID(), randomUUID()];
  return {
    status,
    body: {
      error,
      error_description: `AADSTS${code}: ${text} Trace ID: ${traceId} Correlation ID: ${correlationId} Timestamp: ${timestamp}`,
      error_codes: [code],
      timestamp,
      trace_id: traceId,
      correlation_id: correlationId,
    },
  };
}
