import { type ClientId, parseClientId, parseGuid } from "./client-id.ts";

/** The delegated permission scope that an agent exposes to its client applications; matched exactly. */
export const ACCESS_AS_CLIENT = "access_as_client";

/** Whether the agent's app registration exposes the scope `access_as_client`. */
type ScopeState = "enabled" | "disabled" | "missing";

/** What an app registration says about who may connect, indexed once a read so that a decision is one look-up. */
export interface Application {
  readonly scopeState: ScopeState;
  /**
   * Every pre-authorized application; `true` where one of its entries holds the id of an enabled
   * `access_as_client` scope.
   */
  readonly preAuthorized: ReadonlyMap<ClientId, boolean>;
}

/**
 * The `api` part of an application as Microsoft Graph answers it, as far as the service insists on its shape.
 * What the lists hold is not trusted to have any shape at all.
 *
 * @see https://learn.microsoft.com/graph/api/resources/apiapplication
 */
export interface ApiApplication {
  readonly oauth2PermissionScopes?: readonly unknown[] | null | undefined;
  readonly preAuthorizedApplications?: readonly unknown[] | null | undefined;
}

/**
 * Indexes the `api` part of an application. Total: whatever the lists hold, it neither throws nor lets a
 * malformed entry match. An id that is not a GUID matches nothing, so `null`, `""` or `__proto__` on both
 * sides open nothing.
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
  // A string has `some` neither, but `includes`: insist on a list, so that no substring ever matches.
  if (!Array.isArray(permissionIds)) return false;
  return permissionIds.some((permissionId) => scopeIds.has(parseGuid(permissionId)));
}

/** What in a list of Graph's has members that can be looked at; nothing where there is no list. */
export function recordsOf(list: readonly unknown[] | null | undefined): readonly Record<string, unknown>[] {
  return list?.filter(isRecord) ?? [];
}

/** Whether a value has members that can be looked at. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
