import { cachedDirectory } from "./adapters/graph/cached-directory.ts";
import { PERMISSION_HELP } from "./adapters/graph/permission-help.ts";
import { uncachedDirectory } from "./adapters/graph/uncached-directory.ts";
import { later, portOf } from "./adapters/lib/lazy.ts";
import { onceASecond } from "./adapters/lib/once-a-second.ts";
import { waitUntil } from "./adapters/lib/timeout.ts";
import type { Config } from "./config.ts";
import type { ClientId } from "./domain/client-id.ts";
import type { Chance, OwnerDirectory } from "./domain/ports.ts";

// Some 100 MB if each of them pre-authorizes as many clients as a manifest holds.
const MAX_CACHED_APPLICATIONS = 1_000;

/**
 * What LKPS reaches the world by. No SDK is loaded with the app: each comes with its adapter, `ahead` or at its first
 * use.
 */
export function adaptersOf(config: Config, chance: Chance) {
  const { GRAPH_BASE_URL: graphBaseUrl, GRAPH_TIMEOUT_MS: graphTimeoutMs } = config;
  const managedIdentityToken = (resource: string, timeoutMs: number, help: string) =>
    later(async () => {
      const { createManagedIdentityToken } = await import("./adapters/entra/managed-identity-token.ts");
      return createManagedIdentityToken({ clientId: config.AZURE_CLIENT_ID, resource, timeoutMs, help });
    });
  const graphToken = managedIdentityToken(graphBaseUrl, graphTimeoutMs, PERMISSION_HELP);
  const tablesToken = managedIdentityToken(
    "https://storage.azure.com",
    config.TABLES_TIMEOUT_MS,
    "the app's managed identity needs the role Storage Table Data Contributor",
  );

  const directories = later(async () => {
    const { createDirectories } = await import("./adapters/graph/directories.ts");
    const token = portOf(graphToken, ({ get }) => ({ get }));
    const accessToken = async () => (await token.get()).token;
    const { applications: source, owners } = createDirectories(graphBaseUrl, accessToken);
    const { GRAPH_CACHE_SECONDS: cacheSeconds } = config;
    const cache = { cacheSeconds, timeoutMs: graphTimeoutMs, waitUntil, maxEntries: MAX_CACHED_APPLICATIONS };
    return {
      source,
      applications: cacheSeconds === 0 ? uncachedDirectory(source) : cachedDirectory(source, chance, cache),
      owners: ownersOnceASecond(owners, chance),
    };
  });
  const { TABLES_CONNECTION_STRING: connectionString } = config;
  const stores = later(async () => {
    const { createStores } = await import("./adapters/tables/stores.ts");
    const { get: getToken } = portOf(tablesToken, ({ get }) => ({ get }));
    return createStores(
      connectionString !== undefined
        ? { connectionString }
        : // The settings are refused unless they name one of the two.
          { endpoint: config.TABLES_ENDPOINT as string, credential: { getToken } },
      { agents: config.AGENTS_TABLE, sessions: config.SESSIONS_TABLE },
      config.TABLES_TIMEOUT_MS,
    );
  });
  const participantTokens = later(async () => {
    const { createParticipantTokenIssuer } = await import("./adapters/livekit/participant-token-issuer.ts");
    return createParticipantTokenIssuer({
      apiKey: config.LIVEKIT_API_KEY,
      apiSecret: config.LIVEKIT_API_SECRET,
    });
  });
  const accessTokens = later(async () => {
    const { createAccessTokenVerifier } = await import("./adapters/entra/access-token-verifier.ts");
    return createAccessTokenVerifier({
      authorityHost: config.ENTRA_AUTHORITY_HOST,
      // The settings are refused where a mode with access tokens lacks one of these.
      tenantId: config.ENTRA_TENANT_ID as string,
      audiences: config.ENTRA_AUDIENCE as string[],
      timeoutMs: graphTimeoutMs,
    });
  });
  return {
    directories,
    stores,
    participantTokens,
    accessTokens,
    /** Loads all that a start of a session needs; rejects where a part of it cannot be loaded. */
    load: async () => {
      if (config.CALLER_IDENTITY !== "gateway-header") await accessTokens();
      await Promise.all([stores(), directories(), participantTokens()]);
    },
    /** Loads and asks for what a start of a session needs. Whatever fails here is tried again when it is needed. */
    ahead: async () => {
      if (config.CALLER_IDENTITY !== "gateway-header") (await accessTokens()).askAhead();
      const identities = connectionString === undefined ? [graphToken, tablesToken] : [graphToken];
      for (const identity of identities) (await identity()).askAhead();
      await stores();
      await directories();
      await participantTokens();
    },
  };
}

function ownersOnceASecond(owners: OwnerDirectory, chance: Chance): OwnerDirectory {
  const share = onceASecond<ClientId, Awaited<ReturnType<OwnerDirectory["readOwned"]>>>(chance);
  return { readOwned: (agent, limits) => share(agent, async () => await owners.readOwned(agent, limits)) };
}

/** The adapters, each of them there or to be loaded. */
export type Adapters = ReturnType<typeof adaptersOf>;
