import { ACCESS_AS_CLIENT } from "../../src/domain/application.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { isLocalGraph, type ListedOn } from "./portal.ts";

// Graph replaces a list as a whole, so each command reads the list again and writes it back with the change. It keeps what
// others have changed in the meantime, and puts nothing that others wrote into the shell. `--set api=` is the only form
// that works: `az ad app update` starts from an empty application, where `api.…` does not exist.
// In JMESPath, `name=='value'` is the only way to write true without a backtick, which a shell would run.

/** The command that adds the scope, enabled. */
export function addScope(list: ListedOn, scopeId: string): string {
  const scope = [
    `id:'${scopeId}'`,
    `value:'${ACCESS_AS_CLIENT}'`,
    "type:'User'",
    `isEnabled:appId=='${list.clientId}'`,
    "adminConsentDisplayName:'Access as client application'",
    "adminConsentDescription:'Allows the client application to start sessions with this agent.'",
  ];
  return azCommand(list, `{oauth2PermissionScopes: [api.oauth2PermissionScopes, [{${scope.join(",")}}]][]}`);
}

/** The command that enables the existing scope. */
export function enableScope(list: ListedOn): string {
  const kept = ["id", "value", "type", "adminConsentDisplayName", "adminConsentDescription"];
  const members = [...kept, "userConsentDisplayName", "userConsentDescription"].map(
    (name) => `${name}:${name}`,
  );
  const scopes = "api.oauth2PermissionScopes";
  const enabled = `${scopes}[?value=='${ACCESS_AS_CLIENT}'].{isEnabled:value=='${ACCESS_AS_CLIENT}',${members.join(",")}}`;
  return azCommand(
    list,
    `{oauth2PermissionScopes: [${scopes}[?value!='${ACCESS_AS_CLIENT}'], ${enabled}][]}`,
  );
}

/** The command that gives the client an entry with these ids, and replaces an existing one. */
export function authorizeClient(
  list: ListedOn,
  client: ClientId,
  delegatedPermissionIds: readonly string[],
): string {
  const ids = delegatedPermissionIds.map((id) => `'${id}'`).join(",");
  const others = `api.preAuthorizedApplications[?appId!='${client}']`;
  return azCommand(
    list,
    `{preAuthorizedApplications: [${others}, [{appId:'${client}',delegatedPermissionIds:[${ids}]}]][]}`,
  );
}

function azCommand({ clientId, isBlueprint, graphUrl }: ListedOn, query: string): string {
  if (!isBlueprint) {
    return `az ad app show --id ${clientId} --query "${query}" -o json | az ad app update --id ${clientId} --set api=@-`;
  }
  // `az ad app` does not know blueprints. `az` cannot change the local stack, so its commands are for a tenant.
  const graph = isLocalGraph(graphUrl) ? "https://graph.microsoft.com" : new URL(graphUrl).origin;
  const rest = `--uri "${graph}/v1.0/applications(appId='${clientId}')"`;
  const write = `az rest --method PATCH ${rest} --headers Content-Type=application/json --body @-`;
  return `az rest ${rest} --query "{api: ${query}}" -o json | ${write}`;
}
