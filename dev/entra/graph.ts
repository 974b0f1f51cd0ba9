import type { JWTPayload } from "jose";
import { type Answer, graphError, ok } from "./answer.ts";
import { type AppRegistration, findApplication, findServicePrincipal, isSame } from "./directory.ts";
import { servicePrincipalId, type Tenant } from "./tenant.ts";

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const GRAPH_CLIENT_ID = "00000003-0000-0000-c000-000000000000";
const MAX_BATCH = 20;

/** Whether a token audience or a requested resource is this Graph. */
export function isGraph(tenant: Tenant, resource: string): boolean {
  const name = resource.replace(/\/$/, "");
  return name === tenant.url || name === "https://graph.microsoft.com" || name === GRAPH_CLIENT_ID;
}

/**
 * Graph's error for a token, or null. The token must be this tenant's, for Graph, and permit reading
 * applications.
 */
export function refuseToken(tenant: Tenant, claims: JWTPayload | null): Answer | null {
  if (claims === null || typeof claims.aud !== "string" || !isGraph(tenant, claims.aud)) {
    return graphError(
      401,
      "InvalidAuthenticationToken",
      "The access token is missing, not valid, or not for Graph.",
    );
  }
  const permissions = [claims["roles"], String(claims["scp"] ?? "").split(" ")].flat();
  if (permissions.includes("Application.Read.All")) return null;
  return graphError(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.");
}

/** `GET /v1.0/applications(appId='…')` or `/applications/{object id}`, and `/servicePrincipals(appId='…')`. */
export function getResource(
  tenant: Tenant,
  applications: readonly AppRegistration[],
  method: string,
  target: URL,
): Answer {
  const path = decode(target.pathname);
  const [, set = "", clientId, objectId = ""] =
    /^\/v1\.0\/(applications|servicePrincipals)(?:\(appId='(.*)'\)|\/([^/]+))\/?$/i.exec(path) ?? [];
  if (method !== "GET" || set === "")
    return graphError(400, "BadRequest", `${method} ${path} is not supported.`);
  const id = clientId ?? objectId;
  if (!GUID.test(id)) return graphError(400, "Request_BadRequest", `Invalid value for an id: '${id}'.`);
  const isPrincipal = set.toLowerCase() === "serviceprincipals";
  const found = isPrincipal
    ? servicePrincipalOf(applications, clientId ?? clientIdOfPrincipal(applications, objectId))
    : findApplication(applications, id, clientId === undefined ? "id" : "appId");
  if (found === undefined || found.deletedDateTime) {
    return graphError(404, "Request_ResourceNotFound", `Resource '${id}' does not exist.`);
  }
  const names = target.searchParams.get("$select")?.split(",") ?? Object.keys(found);
  const members = names.map((name) => name.trim()).filter((name) => !name.startsWith("$"));
  const context = `${tenant.url}/v1.0/$metadata#${set}/$entity`;
  return ok({
    "@odata.context": context,
    ...Object.fromEntries(members.map((name) => [name, member(found, name)])),
  });
}

function clientIdOfPrincipal(applications: readonly AppRegistration[], objectId: string): string {
  const found = applications.find(({ id, appId, servicePrincipalType }) =>
    isSame(servicePrincipalType === undefined ? servicePrincipalId(appId) : id, objectId),
  );
  return found?.appId ?? "";
}

/** An agent identity, or the service principal that Entra has for an application. */
function servicePrincipalOf(
  applications: readonly AppRegistration[],
  clientId: string,
): AppRegistration | undefined {
  const application = findApplication(applications, clientId);
  if (application === undefined) return findServicePrincipal(applications, clientId);
  const { appId, displayName = "", deletedDateTime = null } = application;
  const id = servicePrincipalId(appId);
  return {
    id,
    appId,
    displayName,
    accountEnabled: true,
    servicePrincipalType: "Application",
    deletedDateTime,
  };
}

/** `POST /v1.0/$batch`: up to 20 requests in one. */
export function getBatch(tenant: Tenant, applications: readonly AppRegistration[], body: string): Answer {
  const { requests } = JSON.parse(body) as { requests: { id: string; method: string; url: string }[] };
  if (requests.length > MAX_BATCH) {
    return graphError(400, "BadRequest", `Number of batch requests exceeds the maximum of ${MAX_BATCH}.`);
  }
  const responses = requests.map(({ id, method, url }) => {
    const target = new URL(`${tenant.url}/v1.0/${url.replace(/^\//, "")}`);
    const { status, body } = getResource(tenant, applications, method.toUpperCase(), target);
    return { id, status, headers: { "Content-Type": "application/json" }, body };
  });
  return ok({ responses });
}

/** Graph never returns a secret. */
function member(application: AppRegistration, name: string): unknown {
  if (name !== "passwordCredentials") return application[name] ?? null;
  return application.passwordCredentials?.map((credential) => ({ ...credential, secretText: null })) ?? [];
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
