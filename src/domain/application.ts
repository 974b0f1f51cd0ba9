import { type ClientId, parseClientId, parseGuid } from "./client-id.ts";

/** The delegated permission scope that an agent exposes to its clients. The name must match exactly. */
export const ACCESS_AS_CLIENT = "access_as_client";

/** Whether the agent's app registration exposes the scope `access_as_client`. */
type ScopeState = "enabled" | "disabled" | "missing";

/**
 * Who may connect according to an app registration, indexed once when it is read, so that each decision is a
 * lookup.
 */
export interface Application {
  readonly scopeState: ScopeState;
  /**
   * Every pre-authorized application. The value is true if one of its entries has the id of an enabled
   * `access_as_client` scope.
   */
  readonly preAuthorized: ReadonlyMap<ClientId, boolean>;
}

/**
 * What an agent is in Microsoft Entra ID: an app registration, or an agent identity of Microsoft Entra Agent ID,
 * which is a service principal without an app registration of its own. `application` holds the list of clients:
 * for an agent identity it is its blueprint's, which all agents of that blueprint share.
 */
export type EntraIdentity<A = Application> =
  | { readonly kind: "application"; readonly application: A }
  | (AgentIdentity & {
      /** The blueprint; `null` if this tenant has none with that id. */
      readonly application: A | null;
    });

/** An agent identity, without its blueprint's application. */
export interface AgentIdentity {
  readonly kind: "agent_identity";
  /** Who has disabled it; empty if it is enabled. */
  readonly disabledBy: readonly ("tenant" | "microsoft")[];
  /** The client id of its blueprint; `null` if it names none. */
  readonly blueprint: ClientId | null;
}

/** The same identity with what `map` makes of its application. */
export function mapApplication<A, B>(
  identity: EntraIdentity<A> | null,
  map: (application: A) => B,
): EntraIdentity<B> | null {
  if (identity === null) return null;
  const { application } = identity;
  return { ...identity, application: application === null ? null : map(application) } as EntraIdentity<B>;
}

/**
 * The `api` part of an application in Microsoft Graph. The lists' items are untrusted and may have any shape.
 *
 * @see https://learn.microsoft.com/graph/api/resources/apiapplication
 */
export interface ApiApplication {
  readonly oauth2PermissionScopes?: readonly unknown[] | null | undefined;
  readonly preAuthorizedApplications?: readonly unknown[] | null | undefined;
}

/**
 * Indexes the `api` part of an application. Never throws, and never lets a malformed entry match: an id that
 * is not a GUID matches nothing, so `null`, `""` or `__proto__` on both sides grants nothing.
 */
export function indexApplication(api: ApiApplication | null): Application {
  const enabledScopeIds = new Set<string>();
  let scopeState: ScopeState = "missing";
  for (const scope of recordsOf(api?.oauth2PermissionScopes)) {
    if (scope["value"] !== ACCESS_AS_CLIENT) continue;
    if (scope["isEnabled"] !== true) {
      if (scopeState === "missing") scopeState = "disabled";
      continue;
    }
    scopeState = "enabled";
    const scopeId = parseGuid(scope["id"]);
    if (scopeId !== undefined) enabledScopeIds.add(scopeId);
  }

  const preAuthorized = new Map<ClientId, boolean>();
  for (const entry of recordsOf(api?.preAuthorizedApplications)) {
    const clientId = parseClientId(entry["appId"]);
    if (clientId === undefined) continue;
    const holdsScope = preAuthorized.get(clientId) === true || listsOneOf(entry, enabledScopeIds);
    preAuthorized.set(clientId, holdsScope);
  }
  return { scopeState, preAuthorized };
}

function listsOneOf(entry: Record<string, unknown>, scopeIds: ReadonlySet<string | undefined>): boolean {
  const permissionIds = entry["delegatedPermissionIds"];
  // Require an array: a string has `includes`, and a substring must never match.
  if (!Array.isArray(permissionIds)) return false;
  return permissionIds.some((permissionId) => scopeIds.has(parseGuid(permissionId)));
}

/** The items of a list that are objects; empty if there is no list. */
export function recordsOf(list: readonly unknown[] | null | undefined): readonly Record<string, unknown>[] {
  return list?.filter(isObject) ?? [];
}

/** Whether a value is an object in JSON's sense: not an array, not null. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
