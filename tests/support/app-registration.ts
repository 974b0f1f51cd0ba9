// One valid fixture per concept, in Microsoft Graph's format; tests change one thing at a time.

export const CLIENT = "c11e0000-0000-4000-8000-00000000000a";
export const OTHER_CLIENT = "c11e0000-0000-4000-8000-00000000000b";
export const AGENT = "a9e17000-0000-4000-8000-00000000000c";
export const BLUEPRINT = "b1e00000-0000-4000-8000-00000000000f";
export const SCOPE_ID = "5c0be000-0000-4000-8000-00000000000d";
export const OTHER_SCOPE_ID = "5c0be000-0000-4000-8000-00000000000e";

/** A delegated permission scope; without changes the one that LKPS looks for. */
export function scope(changes: Record<string, unknown> = {}) {
  return {
    id: SCOPE_ID,
    value: "access_as_client",
    isEnabled: true,
    type: "User",
    adminConsentDisplayName: "Access as client application",
    adminConsentDescription: "Allows the client application to start sessions with this agent.",
    userConsentDisplayName: null,
    userConsentDescription: null,
    ...changes,
  };
}

/** An authorized client application; without changes the client, with the scope. */
export function entry(changes: Record<string, unknown> = {}) {
  return { appId: CLIENT, delegatedPermissionIds: [SCOPE_ID], ...changes };
}

/** The `api` part of the agent's app registration; without changes it lets the client in. */
export function api(changes: Record<string, unknown> = {}) {
  return {
    acceptMappedClaims: null,
    knownClientApplications: [],
    requestedAccessTokenVersion: 2,
    oauth2PermissionScopes: [scope()],
    preAuthorizedApplications: [entry()],
    ...changes,
  };
}

/** An agent identity as Graph answers it; without changes an enabled one, of {@link BLUEPRINT}. */
export function agentIdentity(changes: Record<string, unknown> = {}) {
  return {
    "@odata.type": "#microsoft.graph.agentIdentity",
    id: AGENT,
    appId: AGENT,
    displayName: "Agent",
    servicePrincipalType: "ServiceIdentity",
    accountEnabled: true,
    disabledByMicrosoftStatus: null,
    agentIdentityBlueprintId: BLUEPRINT,
    createdByAppId: OTHER_CLIENT,
    ...changes,
  };
}

/** Graph's body for what does not exist. */
export const NOT_FOUND = { error: { code: "Request_ResourceNotFound", message: "Resource does not exist." } };

/** What an agent sets when it registers. */
export const serviceConfig = (enforceClientAuthz: boolean, deployments: readonly string[] = []) => ({
  enforceClientAuthz,
  deployments,
});
