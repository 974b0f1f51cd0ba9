import { ACCESS_AS_CLIENT, type ApiApplication, indexApplication, recordsOf } from "./application.ts";
import { type ClientId, parseClientId, parseGuid } from "./client-id.ts";
import { type Basis, type DenialCode, decide, type Facts } from "./decision.ts";
import { type NearMiss, nearMissesOf } from "./near-miss.ts";

/** The maximum number of clients in a response. With everything said about each, it stays below 2 MiB. */
export const MAX_NAMED_CLIENTS = 3_000;

/** The parts of an application that its owner's view is based on. */
export interface OwnedApplication {
  readonly api: ApiApplication | null;
  readonly appRoles?: readonly unknown[] | null | undefined;
}

/** A pre-authorized application, evaluated as if enforcement were on. */
interface ClientView {
  readonly client: ClientId;
  readonly mayStartSessions: boolean;
  readonly code: Basis | DenialCode;
  /** What the owner must do to let it connect; `null` if it already may. */
  readonly repair: string | null;
}

/** The owner's view of the agent's app registration. */
export interface AuthorizationView {
  readonly scopeState: "enabled" | "disabled" | "missing";
  readonly delegatedPermissionId: string | null;
  readonly nearMisses: readonly NearMiss[];
  readonly clients: readonly ClientView[];
  /** `false` if some clients are left out. Those that may not start sessions are listed first then. */
  readonly complete: boolean;
  readonly repairs: readonly string[];
}

/**
 * Explains an agent's app registration to its owner: evaluates each client with the same decision as a
 * session start, and says how to fix what is wrong. Never throws; the size of the result is limited.
 *
 * @param owned - `null` if Graph has no such application
 */
export function viewAuthorization(agent: ClientId, owned: OwnedApplication | null): AuthorizationView {
  const application = owned === null ? null : indexApplication(owned.api);
  const facts: Facts = { registration: "enforced", application };
  const scopes = recordsOf(owned?.api?.oauth2PermissionScopes);
  const scopeState = application?.scopeState ?? "missing";
  const nearMisses = nearMissesOf(scopes, recordsOf(owned?.appRoles));
  const withUnknownIds = clientsWithUnknownIds(
    owned?.api ?? null,
    new Set(scopes.map(({ id }) => parseGuid(id))),
  );

  const all = [...(application?.preAuthorized.keys() ?? [])].map((client): ClientView => {
    const decision = decide(agent, client, facts);
    if (decision.allowed)
      return { client, mayStartSessions: true, code: decision.permit.basis, repair: null };
    const repair = repairOf(decision.code, client, withUnknownIds.has(client));
    return { client, mayStartSessions: false, code: decision.code, repair };
  });
  const clients = all.length <= MAX_NAMED_CLIENTS ? all : refusedFirst(all).slice(0, MAX_NAMED_CLIENTS);
  return {
    scopeState,
    delegatedPermissionId: scopeIdOf(scopes),
    nearMisses,
    clients,
    complete: clients.length === all.length,
    repairs: [...scopeRepairs(owned, scopeState, nearMisses), ...clientRepairs(clients, scopeState)],
  };
}

/** The id of the scope, preferably of an enabled one. */
function scopeIdOf(scopes: readonly Record<string, unknown>[]): string | null {
  const exact = scopes.filter(({ value }) => value === ACCESS_AS_CLIENT);
  const scope = exact.find(({ isEnabled }) => isEnabled === true) ?? exact[0];
  return parseGuid(scope?.["id"]) ?? null;
}

/** The clients that have an entry with the id of a nonexistent scope. */
function clientsWithUnknownIds(
  api: ApiApplication | null,
  knownIds: ReadonlySet<string | undefined>,
): ReadonlySet<ClientId | undefined> {
  const clients = new Set<ClientId | undefined>();
  for (const entry of recordsOf(api?.preAuthorizedApplications)) {
    const ids = entry["delegatedPermissionIds"];
    if (!Array.isArray(ids) || ids.every((id) => knownIds.has(parseGuid(id)))) continue;
    clients.add(parseClientId(entry["appId"]));
  }
  return clients;
}

function refusedFirst(clients: readonly ClientView[]): readonly ClientView[] {
  return clients.toSorted((a, b) => Number(a.mayStartSessions) - Number(b.mayStartSessions));
}

function scopeRepairs(
  owned: OwnedApplication | null,
  state: string,
  nearMisses: readonly NearMiss[],
): string[] {
  if (owned === null) {
    return [
      "Microsoft Entra ID has no app registration with this client id: restore it, or register the agent under the right one.",
    ];
  }
  if (state === "disabled") return ["Enable the scope access_as_client under Expose an API."];
  if (state === "enabled") return [];
  const [miss] = nearMisses;
  if (miss === undefined) return ["Add a scope named access_as_client under Expose an API, and enable it."];
  if (miss.reason === "app_role") {
    return [
      `Add a scope named access_as_client under Expose an API: "${miss.value}" is an app role, not a scope.`,
    ];
  }
  const differences = {
    letter_case: "has a different letter case",
    whitespace: "contains white space",
    look_alike: "contains a letter that only looks the same",
  };
  return [
    `Add a scope named exactly access_as_client under Expose an API: "${miss.value}" ${differences[miss.reason]}.`,
  ];
}

function clientRepairs(clients: readonly ClientView[], state: string): string[] {
  if (state !== "enabled") return [];
  if (clients.length === 0) {
    return [
      "Add the client applications that may connect under Expose an API, Authorized client applications.",
    ];
  }
  return clients.flatMap(({ repair }) => (repair === null ? [] : [repair]));
}

function repairOf(code: DenialCode, client: ClientId, holdsUnknown: boolean): string {
  if (code !== "scope_not_granted") return "Fix the scope first: see repairs.";
  return grantRepair(client, holdsUnknown);
}

/** Why an entry with scopes may not include `access_as_client`. */
export const STALE_ENTRY = "The entry lists the id of a scope that no longer exists.";

/** What the owner does to grant the scope to a client that is listed without it. */
export function grantRepair(client: ClientId, isStale: boolean): string {
  const sentence = `Select access_as_client in the entry of ${client} under Expose an API, Authorized client applications.`;
  return isStale ? `${sentence} ${STALE_ENTRY}` : sentence;
}
