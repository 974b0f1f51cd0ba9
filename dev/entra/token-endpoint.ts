import { randomBytes, randomUUID } from "node:crypto";
import { type AppRegistration, findApplication, findServicePrincipal } from "./directory.ts";
import { isGraph } from "./graph.ts";
import type { Answer } from "./json-response.ts";
import { servicePrincipalId, type Tenant } from "./tenant.ts";
import { issueUserToken } from "./user-token.ts";

const LIFETIME_SECONDS = 3_600;

/**
 * `POST /{tenant}/oauth2/v2.0/token` with the client credentials grant (an application's token), or the
 * password grant (a user's token for Graph). The older `/oauth2/token` takes a resource instead of a scope.
 *
 * Also issues tokens to soft-deleted applications: in Entra, a token outlives its application, and this is
 * how to get one here.
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
  // In Entra, an agent identity gets its token through its blueprint. Here, it has its own secret.
  const client = findApplication(applications, clientId) ?? findServicePrincipal(applications, clientId);
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

/** The claims as Entra issues them. The resource's app registration determines the token version. */
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
    // An application's token has no `scp`. It has `idtyp` only if the resource asks for it.
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

/** An error in Entra's format. */
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
