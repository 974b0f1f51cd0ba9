import { ACCESS_AS_CLIENT, type ApiApplication, isObject } from "../../src/domain/application.ts";
import { type ClientId, parseClientId, parseGuid } from "../../src/domain/client-id.ts";

/** What an agent's app registration lists for one client. */
export interface ClientEntry {
  readonly isListed: boolean;
  /** The ids in the client's entries, with the value of the scope that has the id; `null` if no scope has it. */
  readonly scopes: ReadonlyMap<string, string | null>;
  /** Whether one of the ids is that of `access_as_client`: of the enabled scope, if there is one. */
  readonly includesScope: boolean;
}

/** Finds a client's entries. They are for people to read: only `decide` decides on them. */
export function findClientEntry(api: ApiApplication | null, client: ClientId): ClientEntry {
  const allScopes = (api?.oauth2PermissionScopes ?? []).filter(isObject);
  const exact = allScopes.filter(({ value }) => value === ACCESS_AS_CLIENT);
  const enabled = exact.filter(({ isEnabled }) => isEnabled === true);
  const wantedIds = new Set((enabled.length > 0 ? enabled : exact).map(({ id }) => parseGuid(id)));
  const scopeValue = (id: string) => {
    const value = allScopes.find((scope) => parseGuid(scope["id"]) === id)?.["value"];
    return typeof value === "string" ? value : null;
  };

  const entries = (api?.preAuthorizedApplications ?? [])
    .filter(isObject)
    .filter(({ appId }) => parseClientId(appId) === client);
  const ids = entries
    .flatMap(({ delegatedPermissionIds }) =>
      Array.isArray(delegatedPermissionIds) ? delegatedPermissionIds : [],
    )
    .map(parseGuid)
    .filter((id) => id !== undefined);
  return {
    isListed: entries.length > 0,
    scopes: new Map(ids.map((id) => [id, scopeValue(id)])),
    includesScope: ids.some((id) => wantedIds.has(id)),
  };
}
