import type { Azurite } from "../azurite.ts";
import type { EntraStandIn } from "../entra/start-entra-stand-in.ts";
import { devKey } from "../livekit-server.ts";
import { audiences, consoleClientId, defaultPorts, managedIdentityClientId } from "../local-defaults.ts";

/** Turns the console on: only access tokens name people, so the gateway's header alone does not do. */
export const consoleSettings = {
  CALLER_IDENTITY: "gateway-header-and-access-token",
  CONSOLE_CLIENT_ID: consoleClientId,
};

/**
 * The app's settings in the local stack, with the variables that point to the identity endpoint.
 *
 * @param gatewayPort - the gateway's port, if it is fixed; a free port is not known yet, because the gateway
 *   starts last
 */
export function appSettings(
  entra: EntraStandIn,
  azurite: Azurite,
  gatewayPort?: number,
): Record<string, string> {
  return {
    CALLER_IDENTITY: "gateway-header",
    ...(gatewayPort && { PUBLIC_BASE_URL: `http://127.0.0.1:${gatewayPort}` }),
    ENTRA_TENANT_ID: entra.tenantId,
    ENTRA_AUDIENCE: audiences.join(","),
    ENTRA_AUTHORITY_HOST: entra.url,
    GRAPH_BASE_URL: entra.url,
    AZURE_CLIENT_ID: managedIdentityClientId,
    IDENTITY_ENDPOINT: entra.identityEndpoint,
    IDENTITY_HEADER: entra.identityHeader,
    TABLES_CONNECTION_STRING: azurite.connectionString,
    LIVEKIT_URL: `ws://127.0.0.1:${defaultPorts.livekit}`,
    LIVEKIT_API_KEY: devKey.apiKey,
    LIVEKIT_API_SECRET: devKey.apiSecret,
  };
}
