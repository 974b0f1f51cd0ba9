import { localAudience, localPorts } from "../cli/sign-in/local-defaults.ts";

/** Ids and ports that the stand-ins, the sample directory and local.settings.sample.json share. */
export const tenantId = "7e4a4700-0000-4000-8000-000000000001";

/** Client id of LKPS's own app registration, the audience of its callers' access tokens. */
export const lkpsClientId = "5e4f1ce0-0000-4000-8000-000000000001";

/** Audiences of tokens for LKPS: the client id in v2 tokens, any of them in v1 tokens. */
export const audiences = [lkpsClientId, localAudience, `api://${lkpsClientId}`];

/** Client id of the console's app registration, where people sign in. */
export const consoleClientId = "c0501e00-0000-4000-8000-000000000001";

/** Client id of the app's user-assigned managed identity. */
export const managedIdentityClientId = "1de47170-0000-4000-8000-000000000001";

/** `IDENTITY_HEADER` of the local stack. Not a secret: the stand-in issues tokens to anyone on this machine. */
export const identityHeader = "local-stand-in";

/** The web client in examples/, which the gateway allows to call it. */
export const webClientOrigin = "http://127.0.0.1:5173";

/** Default ports. The ports of the tables and of LiveKit are Azurite's and LiveKit's own defaults. */
export const defaultPorts = { ...localPorts, tables: 10002 };
