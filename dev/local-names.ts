/** Names of the local stack: the stand-ins, the seeded directory and local.settings.sample.json agree on them. */
export const tenantId = "7e4a4700-0000-4000-8000-000000000001";

/** Client id of LKPS's own app registration: the audience of its callers' access tokens. */
export const lkpsClientId = "5e4f1ce0-0000-4000-8000-000000000001";

/** Audiences of a token for LKPS: the client id in a v2 token, either of them in a v1 token. */
export const audiences = [lkpsClientId, "api://lkps"];

/** The user-assigned managed identity that the app runs as. */
export const managedIdentityClientId = "1de47170-0000-4000-8000-000000000001";

/** Ports where nothing else is asked for; the tables' is Azurite's own. */
export const defaultPorts = { gateway: 7070, app: 7071, entra: 7072, tables: 10002 };
