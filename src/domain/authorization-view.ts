import {
  ACCESS_AS_CLIENT,
  type ApiApplication,
  type EntraIdentity,
  indexApplication,
  mapApplication,
  recordsOf,
} from "./application.ts";
import { type ClientId, parseClientId, parseGuid } from "./client-id.ts";
import { type Basis, type DenialCode, decide, type Facts } from "./decision.ts";
import { type NearMiss, nearMissesOf } from "./near-miss.ts";
import { clientRemediation, repairsOf } from "./remediation.ts";
import { placeOf } from "./remediation-catalogue.ts";

/** The maximum number of clients in a response, which then stays below 2 MiB with all that is said about each. */
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
  readonly remediation: string | null;
}

/** The owner's view of who may start sessions with the agent. */
export interface AuthorizationView {
  readonly scopeState: "enabled" | "disabled" | "missing";
  readonly delegatedPermissionId: string | null;
  readonly nearMisses: readonly NearMiss[];
  readonly clients: readonly ClientView[];
  /** `false` if some clients are left out. Those that may not start sessions are listed first then. */
  readonly complete: boolean;
  readonly remediations: readonly string[];
}

/**
 * Explains to the owner of an agent who may start sessions with it: evaluates each client with the same decision
 * as a session start, and says how to fix what is wrong. Never throws; the size of the result is limited.
 *
 * @param identity - `null` if Graph has neither an application nor an agent identity with the agent's id
 */
export function viewAuthorization(
  agent: ClientId,
  identity: EntraIdentity<OwnedApplication> | null,
): AuthorizationView {
  const owned = identity?.application ?? null;
  const facts: Facts = {
    registration: "enforced",
    identity: mapApplication(identity, ({ api }) => indexApplication(api)),
  };
  const { scopeState, preAuthorized } = facts.identity?.application ?? indexApplication(null);
  const place = placeOf(identity);
  const scopes = recordsOf(owned?.api?.oauth2PermissionScopes);
  const nearMisses = nearMissesOf(scopes, recordsOf(owned?.appRoles));
  const withUnknownIds = clientsWithUnknownIds(
    owned?.api ?? null,
    new Set(scopes.map(({ id }) => parseGuid(id))),
  );

  const all = [...preAuthorized.keys()].map((client): ClientView => {
    const decision = decide(agent, client, facts);
    if (decision.allowed)
      return { client, mayStartSessions: true, code: decision.permit.basis, remediation: null };
    const remediation = clientRemediation(place, decision.code, client, withUnknownIds.has(client));
    return { client, mayStartSessions: false, code: decision.code, remediation };
  });
  const refusedFirst = all.toSorted((a, b) => Number(a.mayStartSessions) - Number(b.mayStartSessions));
  const clients = all.length <= MAX_NAMED_CLIENTS ? all : refusedFirst.slice(0, MAX_NAMED_CLIENTS);
  return {
    scopeState,
    delegatedPermissionId: scopeIdOf(scopes),
    nearMisses,
    clients,
    complete: clients.length === all.length,
    remediations: repairsOf(identity, { scopeState, nearMisses }, clients),
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
