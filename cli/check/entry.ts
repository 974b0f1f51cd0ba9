import { ACCESS_AS_CLIENT, type ApiApplication, isRecord } from "../../src/domain/application.ts";
import { type ClientId, parseClientId, parseGuid } from "../../src/domain/client-id.ts";

/** What an agent's app registration holds about one client, for a person to see. */
export interface EntryView {
  readonly isListed: boolean;
  /** The ids in the client's entries, each once, with the value of the scope that has it; `null` where none has. */
  readonly held: ReadonlyMap<string, string | null>;
  /** Whether one of them is the id of `access_as_client`: of an enabled one, if there is one. */
  readonly holdsScopeId: boolean;
}

/** Looks a client's entries up. What the decision makes of them is `decide`'s alone. */
export function entryOf(api: ApiApplication | null, client: ClientId): EntryView {
  const scopes = (api?.oauth2PermissionScopes ?? []).filter(isRecord);
  const named = scopes.filter(({ value }) => value === ACCESS_AS_CLIENT);
  const enabled = named.filter(({ isEnabled }) => isEnabled === true);
  const wanted = new Set((enabled.length > 0 ? enabled : named).map(({ id }) => parseGuid(id)));
  const scopeValue = (id: string) => {
    const value = scopes.find((scope) => parseGuid(scope["id"]) === id)?.["value"];
    return typeof value === "string" ? value : null;
  };

  const entries = (api?.preAuthorizedApplications ?? [])
    .filter(isRecord)
    .filter(({ appId }) => parseClientId(appId) === client);
  const ids = entries
    .flatMap(({ delegatedPermissionIds }) =>
      Array.isArray(delegatedPermissionIds) ? delegatedPermissionIds : [],
    )
    .map(parseGuid)
    .filter((id) => id !== undefined);
  return {
    isListed: entries.length > 0,
    held: new Map(ids.map((id) => [id, scopeValue(id)])),
    holdsScopeId: ids.some((id) => wanted.has(id)),
  };
}
