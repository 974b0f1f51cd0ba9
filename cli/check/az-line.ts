import { ACCESS_AS_CLIENT } from "../../src/domain/application.ts";
import type { ClientId } from "../../src/domain/client-id.ts";

// Graph replaces a list as a whole, so each line reads the list anew and sends it back with the change: nothing that
// somebody else changed meanwhile is lost, and nothing that anybody wrote in it gets into a shell. `--set api=` is the
// one form that works: `az ad app update` begins with an empty application, in which `api.…` is not found.
// In JMESPath, `name=='value'` is the only way to write true without a backtick, which a shell would run.

/** Adds the scope, enabled. */
export function addScope(agent: ClientId, scopeId: string): string {
  const scope = [
    `id:'${scopeId}'`,
    `value:'${ACCESS_AS_CLIENT}'`,
    "type:'User'",
    `isEnabled:appId=='${agent}'`,
    "adminConsentDisplayName:'Access as client application'",
    "adminConsentDescription:'Allows the client application to start sessions with this agent.'",
  ];
  return line(agent, `{oauth2PermissionScopes: [api.oauth2PermissionScopes, [{${scope.join(",")}}]][]}`);
}

/** Enables the scope that is there. */
export function enableScope(agent: ClientId): string {
  const kept = ["id", "value", "type", "adminConsentDisplayName", "adminConsentDescription"];
  const members = [...kept, "userConsentDisplayName", "userConsentDescription"].map(
    (name) => `${name}:${name}`,
  );
  const scopes = "api.oauth2PermissionScopes";
  const enabled = `${scopes}[?value=='${ACCESS_AS_CLIENT}'].{isEnabled:value=='${ACCESS_AS_CLIENT}',${members.join(",")}}`;
  return line(agent, `{oauth2PermissionScopes: [${scopes}[?value!='${ACCESS_AS_CLIENT}'], ${enabled}][]}`);
}

/** Gives the client an entry that holds these ids, in place of the one that it may have. */
export function authorizeClient(
  agent: ClientId,
  client: ClientId,
  delegatedPermissionIds: readonly string[],
): string {
  const ids = delegatedPermissionIds.map((id) => `'${id}'`).join(",");
  const others = `api.preAuthorizedApplications[?appId!='${client}']`;
  return line(
    agent,
    `{preAuthorizedApplications: [${others}, [{appId:'${client}',delegatedPermissionIds:[${ids}]}]][]}`,
  );
}

function line(agent: ClientId, query: string): string {
  return `az ad app show --id ${agent} --query "${query}" -o json | az ad app update --id ${agent} --set api=@-`;
}
