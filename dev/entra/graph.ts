import type { JWTPayload } from "jose";
import { type AppRegistration, findApplication, findByObjectId, findServicePrincipal } from "./directory.ts";
import { graphError } from "./graph-error.ts";
import type { Answer } from "./json-response.ts";
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
  if (claims === null) {
    return graphError(401, "InvalidAuthenticationToken", "Access token is empty, expired or not valid.");
  }
  if (typeof claims.aud !== "string" || !isGraph(tenant, claims.aud)) {
    return graphError(
      401,
      "InvalidAuthenticationToken",
      "Access token validation failure. Invalid audience.",
    );
  }
  const roles = Array.isArray(claims["roles"]) ? claims["roles"] : [];
  const scopes = String(claims["scp"] ?? "").split(" ");
  if (![...roles, ...scopes].includes("Application.Read.All")) {
    return graphError(
      403,
      "Authorization_RequestDenied",
      "Insufficient privileges to complete the operation.",
    );
  }
  return null;
}

/** `GET /v1.0/applications(appId='…')` or `/applications/{object id}`, and `/servicePrincipals(appId='…')`. */
export function getResource(
  tenant: Tenant,
  applications: AppRegistration[],
  method: string,
  target: URL,
): Answer {
  const path = decode(target.pathname);
  const [, set = "", quoted, plain] =
    /^\/v1\.0\/(applications|servicePrincipals)(?:\(appId='(.*)'\)|\/([^/]+))\/?$/i.exec(path) ?? [];
  const id = quoted?.replaceAll("''", "'") ?? plain;
  if (id === undefined) {
    const segment = path.split("/")[2] ?? "";
    return graphError(400, "BadRequest", `Resource not found for the segment '${segment}'.`);
  }
  if (method !== "GET") return graphError(405, "Request_BadRequest", `${method} is not supported here.`);
  if (!GUID.test(id)) {
    const what = quoted === undefined ? "Invalid object identifier" : "Invalid value for property 'appId'";
    return graphError(400, "Request_BadRequest", `${what}: '${id}'.`);
  }
  const isPrincipal = set.toLowerCase() === "serviceprincipals";
  const application = isPrincipal
    ? servicePrincipalOf(applications, quoted ?? clientIdOfPrincipal(applications, id))
    : quoted === undefined
      ? findByObjectId(applications, id)
      : findApplication(applications, id);
  if (application === undefined || application.deletedDateTime) {
    return graphError(
      404,
      "Request_ResourceNotFound",
      `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
    );
  }
  const select = target.searchParams.get("$select");
  const names = select === null ? Object.keys(application) : select.split(",").map((name) => name.trim());
  const members = names
    .filter((name) => !name.startsWith("$"))
    .map((name) => [name, member(application, name)]);
  const context = `${tenant.url}/v1.0/$metadata#${isPrincipal ? "servicePrincipals" : "applications"}${select === null ? "" : `(${select})`}/$entity`;
  return { status: 200, body: { "@odata.context": context, ...Object.fromEntries(members) } };
}

function clientIdOfPrincipal(applications: AppRegistration[], objectId: string): string {
  const found = applications.find(({ id, appId, servicePrincipalType }) => {
    const ownId = servicePrincipalType === undefined ? servicePrincipalId(appId) : String(id);
    return ownId.toLowerCase() === objectId.toLowerCase();
  });
  return found?.appId ?? "";
}

/** An agent identity, or the service principal that Entra has for an application. */
function servicePrincipalOf(applications: AppRegistration[], clientId: string): AppRegistration | undefined {
  const application = findApplication(applications, clientId);
  if (application === undefined) return findServicePrincipal(applications, clientId);
  const { appId, displayName, deletedDateTime } = application;
  return {
    id: servicePrincipalId(appId),
    appId,
    displayName: displayName ?? "",
    accountEnabled: true,
    servicePrincipalType: "Application",
    deletedDateTime: deletedDateTime ?? null,
  };
}

/** `POST /v1.0/$batch`: up to 20 requests in one. */
export function getBatch(tenant: Tenant, applications: AppRegistration[], body: string): Answer {
  const requests = parseBatch(body);
  if (requests === null) return graphError(400, "BadRequest", "Invalid batch payload format.");
  if (requests.length > MAX_BATCH) {
    return graphError(400, "BadRequest", `Number of batch requests exceeds the maximum of ${MAX_BATCH}.`);
  }
  const responses = requests.map(({ id, method, url }) => {
    const target = new URL(`${tenant.url}/v1.0/${url.replace(/^\//, "")}`);
    const answer = getResource(tenant, applications, method.toUpperCase(), target);
    return { id, status: answer.status, headers: { "Content-Type": "application/json" }, body: answer.body };
  });
  return { status: 200, body: { responses } };
}

function parseBatch(body: string): { id: string; method: string; url: string }[] | null {
  try {
    const { requests } = JSON.parse(body) as { requests: { id: string; method: string; url: string }[] };
    const valid = requests.every((one) =>
      [one.id, one.method, one.url].every((part) => typeof part === "string"),
    );
    return valid ? requests : null;
  } catch {
    return null;
  }
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
