import { type AppRegistration, findResource, isSame } from "./directory.ts";
import { GRAPH_CLIENT_ID, isGraph } from "./graph.ts";
import { Refusal } from "./refusal.ts";
import type { Tenant } from "./tenant.ts";

const OPENID_SCOPES = ["openid", "profile", "email", "offline_access"];

/** Graph, with the delegated permissions that the console uses. The ids are Microsoft's. */
const graph: AppRegistration = {
  appId: GRAPH_CLIENT_ID,
  optionalClaims: { accessToken: [{ name: "idtyp" }] },
  api: {
    oauth2PermissionScopes: [
      { id: "e1fe6dd8-ba31-4d61-89e7-88639da4688d", value: "User.Read" },
      { id: "c79f8feb-a9db-4090-85f9-90d820caa0eb", value: "Application.Read.All" },
    ],
  },
};

/**
 * Parses the scopes that a client requests: a resource and its name in the request, the resource's scopes, and `openid` and
 * the like.
 *
 * @throws {Refusal} if they are of two resources, unknown, or not consented to
 */
export function parseScopes(
  tenant: Tenant,
  applications: readonly AppRegistration[],
  client: AppRegistration,
  scope: string,
) {
  const all = scope.split(" ").filter(Boolean);
  if (all.length === 0) throw new Refusal(900144);
  const openid = all.filter((name) => OPENID_SCOPES.includes(name));
  // A scope without a resource is Graph's.
  const parts = all
    .filter((name) => !OPENID_SCOPES.includes(name))
    .map((name) => /^(?:(.+)\/)?(.*)$/.exec(name)?.slice(1) as [string | undefined, string]);
  const audience = parts[0]?.[0] ?? tenant.url;
  if (parts.some(([other = tenant.url]) => other !== audience)) throw new Refusal(28000, scope);
  const resource = isGraph(tenant, audience) ? graph : findResource(applications, audience);
  if (resource === undefined) throw new Refusal(500011, audience);
  const consented = client.requiredResourceAccess?.find((one) => isSame(one.resourceAppId, resource.appId));
  const names = parts.map(([, name]) => name);
  for (const name of names) {
    const permission = resource.api?.oauth2PermissionScopes?.find(
      ({ value, isEnabled }) => value === name && isEnabled !== false,
    );
    if (permission === undefined) throw new Refusal(650053, name);
    if (!consented?.resourceAccess.some(({ id }) => isSame(id, permission.id)))
      throw new Refusal(65001, name);
  }
  return { resource, audience, names, openid };
}
