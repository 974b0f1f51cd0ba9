import type { JWTPayload } from "jose";
import { type Answer, graphError, ok } from "./answer.ts";
import { type AppRegistration, type Directory, isSame } from "./directory.ts";
import { servicePrincipalId, type Tenant } from "./tenant.ts";

const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** The client id of Microsoft Graph in every tenant. */
export const GRAPH_CLIENT_ID = "00000003-0000-0000-c000-000000000000";
const MAX_BATCH = 20;
const MAX_PAGE = 100;
const AGENT_IDENTITY = "#microsoft.graph.agentIdentity";
const MINE = /^\/v1\.0\/me(\/ownedObjects(?:\/microsoft\.graph\.(application|servicePrincipal))?)?$/i;
// Only an agent identity has sponsors.
const RESOURCE =
  /^\/v1\.0\/(applications|servicePrincipals)(?:\(appId='(.*)'\)|\/([^/]+))(?:\/((?:microsoft\.graph\.agentIdentity\/)?owners|microsoft\.graph\.agentIdentity\/sponsors))?$/i;

/** Whether a token audience or a requested resource is this Graph. */
export function isGraph(tenant: Tenant, resource: string): boolean {
  const name = resource.replace(/\/$/, "");
  return name === tenant.url || name === "https://graph.microsoft.com" || name === GRAPH_CLIENT_ID;
}

/** Who asks which Graph. */
interface Call {
  tenant: Tenant;
  directory: Directory;
  /** Of the access token; null if it is missing or invalid. */
  claims: JWTPayload | null;
}

/**
 * Answers `GET /v1.0/applications(appId='…')` or `/applications/{object id}`, the same of `servicePrincipals`, their
 * owners and sponsors, and what a person owns; also in a `$batch` of up to 20.
 */
export function answerGraph(call: Call, method: string, target: URL, body: string): Answer {
  const { tenant, claims } = call;
  if (claims === null || typeof claims.aud !== "string" || !isGraph(tenant, claims.aud)) {
    const text = "The access token is missing, not valid, or not for Graph.";
    return graphError(401, "InvalidAuthenticationToken", text);
  }
  if (method !== "POST" || target.pathname.toLowerCase() !== "/v1.0/$batch") return get(call, method, target);
  const { requests } = JSON.parse(body) as { requests: { id: string; method: string; url: string }[] };
  if (requests.length > MAX_BATCH) {
    return graphError(400, "BadRequest", `Number of batch requests exceeds the maximum of ${MAX_BATCH}.`);
  }
  const responses = requests.map(({ id, method, url }) => {
    const part = new URL(`${tenant.url}/v1.0/${url.replace(/^\//, "")}`);
    const { status, body } = get(call, method.toUpperCase(), part);
    return { id, status, headers: { "Content-Type": "application/json" }, body };
  });
  return ok({ responses });
}

function get(call: Call, method: string, target: URL): Answer {
  const path = decode(target.pathname).replace(/\/$/, "");
  const mine = MINE.exec(path);
  const resource = RESOURCE.exec(path);
  if (method !== "GET" || (mine ?? resource) === null)
    return graphError(400, "BadRequest", `${method} ${path} is not supported.`);
  if (!may(call, mine === null ? "Application.Read.All" : "User.Read")) {
    const text = "Insufficient privileges to complete the operation.";
    return graphError(403, "Authorization_RequestDenied", text);
  }
  return mine === null ? getResource(call, target, resource ?? []) : getMine(call, target, mine);
}

function may({ claims }: Call, permission: string): boolean {
  return [claims?.["roles"], String(claims?.["scp"] ?? "").split(" ")].flat().includes(permission);
}

/** `/me`, or the applications and principals that the person owns. */
function getMine(call: Call, target: URL, [, list, cast]: string[]): Answer {
  const { applications, people } = call.directory;
  const me = people.find(({ id }) => id === call.claims?.["oid"]);
  if (me === undefined) return graphError(404, "Request_ResourceNotFound", "The user does not exist.");
  if (list === undefined) return ok(select(target, { ...me }));
  const owned = [...applications.filter((one) => !isPrincipal(one)), ...principalsOf(applications)]
    .filter(({ owners, deletedDateTime }) => owners?.includes(me.id) && !deletedDateTime)
    .filter((one) => cast === undefined || isPrincipal(one) === /^s/i.test(cast));
  const items = owned.map((one) => ({
    "@odata.type": `#microsoft.graph.${isPrincipal(one) ? "servicePrincipal" : "application"}`,
    // Without permission to read applications, an item has its type and id only.
    ...(may(call, "Application.Read.All") ? select(target, one) : { id: one.id }),
    ...(one["@odata.type"] !== undefined && { "@odata.type": one["@odata.type"] }),
  }));
  return page(target, items);
}

/** An application or a principal, or its owners or sponsors. */
function getResource(
  { tenant, directory: { applications, people } }: Call,
  target: URL,
  [, set = "", clientId, objectId = "", relation = ""]: string[],
): Answer {
  const id = clientId ?? objectId;
  if (!GUID.test(id)) return graphError(400, "Request_BadRequest", `Invalid value for an id: '${id}'.`);
  const all = /^s/i.test(set) ? principalsOf(applications) : applications.filter((one) => !isPrincipal(one));
  const found = all.find((one) => isSame(clientId === undefined ? one.id : one.appId, id));
  const isOther = relation.includes("/") && found?.["@odata.type"] !== AGENT_IDENTITY;
  if (found === undefined || found.deletedDateTime || isOther)
    return graphError(404, "Request_ResourceNotFound", `Resource '${id}' does not exist.`);
  if (relation === "")
    return ok({ "@odata.context": `${tenant.url}/v1.0/$metadata#${set}/$entity`, ...select(target, found) });
  // Without permission to read users, an item has its type and id only. For sponsors, Microsoft's documentation names a
  // larger permission, AgentIdentity.ReadWrite.All.
  const ids = found[/sponsors$/i.test(relation) ? "sponsors" : "owners"] ?? [];
  const typeOf = (oid: string) => (people.some((one) => one.id === oid) ? "user" : "servicePrincipal");
  const items = ids.map((oid) => ({ "@odata.type": `#microsoft.graph.${typeOf(oid)}`, id: oid }));
  return page(target, items);
}

/** A page of a list, with the address of the next one. */
function page(target: URL, items: object[]): Answer {
  const [size, start] = ["$top", "$skiptoken"].map((name) => Number(target.searchParams.get(name) ?? 0));
  const end = (start ?? 0) + (size || MAX_PAGE);
  const next = new URL(target);
  next.searchParams.set("$skiptoken", String(end));
  return ok({ value: items.slice(start, end), ...(end < items.length && { "@odata.nextLink": next.href }) });
}

/** The members that a query selects. */
function select(target: URL, found: Partial<AppRegistration>): object {
  const names = target.searchParams.get("$select")?.split(",") ?? Object.keys(found);
  const members = names.map((name) => name.trim()).filter((name) => !/^(\$.*|owners|sponsors)$/.test(name));
  return Object.fromEntries(members.map((name) => [name, member(found, name)]));
}

function isPrincipal({ servicePrincipalType }: AppRegistration): boolean {
  return servicePrincipalType !== undefined;
}

/** The service principals: those that Entra has for applications, with the same owners, and agent identities. */
function principalsOf(applications: readonly AppRegistration[]): AppRegistration[] {
  const derived = applications
    .filter((one) => !isPrincipal(one))
    .map(({ appId, displayName = "", deletedDateTime = null, owners = [] }) => {
      const common = { accountEnabled: true, servicePrincipalType: "Application", deletedDateTime, owners };
      return { id: servicePrincipalId(appId), appId, displayName, ...common };
    });
  return [...derived, ...applications.filter(isPrincipal)];
}

/** Graph never returns a secret. */
function member(application: Partial<AppRegistration>, name: string): unknown {
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
