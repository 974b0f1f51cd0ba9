import { randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { version } from "../package.json";
import type { ManagedIdentityTokenSettings } from "./adapters/entra/managed-identity-token.ts";
import { PERMISSION_HELP } from "./adapters/graph/graph-response.ts";
import { createLazyGraph } from "./adapters/graph/lazy-graph.ts";
import { createErrorLocator } from "./adapters/lib/error-locator.ts";
import { lazy, lazyMethods } from "./adapters/lib/lazy.ts";
import { createShippedFiles } from "./adapters/lib/shipped-files.ts";
import type { TablesConnection } from "./adapters/tables/table-operations.ts";
import type { Config } from "./config.ts";
import type { Clock } from "./domain/ports.ts";
import type { Adapters } from "./functions/ports.ts";

/** The machine's wall clock, and a monotonic one. */
export const systemClock: Clock = { now: () => new Date(), elapsed: () => performance.now() };

/** Connects the app according to its settings. Loads no SDK and calls nothing before the first use. */
export function createAdapters(config: Config): Adapters {
  const clock = systemClock;
  const { callerIdentity, graph: graphSettings, tables, liveKit, managedIdentityClientId: clientId } = config;
  const { timeoutMs, baseUrl, cacheSeconds } = graphSettings;

  const graphIdentity = managedIdentity({ clientId, resource: baseUrl, timeoutMs, help: PERMISSION_HELP });
  const accessToken = async (signal: AbortSignal) => (await (await graphIdentity()).get(signal)).token;
  const graph = createLazyGraph({ baseUrl, cacheSeconds, timeoutMs, accessToken }, clock);

  const tablesIdentity = managedIdentity({
    clientId,
    resource: "https://storage.azure.com",
    timeoutMs: tables.timeoutMs,
    help: "the app's managed identity needs the role Storage Table Data Contributor",
  });
  const connection: TablesConnection =
    "endpoint" in tables.connection
      ? { ...tables.connection, getToken: async (signal) => (await tablesIdentity()).get(signal) }
      : tables.connection;
  const stores = lazy(async () =>
    (await import("./adapters/tables/open-stores.ts")).openStores({
      ...tables,
      clock,
      connection,
      isChecked: config.liveSessionCheckSeconds > 0,
    }),
  );

  const participantTokens = lazy(async () =>
    (await import("./adapters/livekit/participant-token-issuer.ts")).createParticipantTokenIssuer(liveKit),
  );
  const rooms = lazy(async () =>
    (await import("./adapters/livekit/livekit-rooms.ts")).createLiveKitRooms(liveKit),
  );
  const webhooks = lazy(async () =>
    (await import("./adapters/livekit/webhook-receiver.ts")).createWebhookReceiver(liveKit),
  );
  const accessTokens =
    callerIdentity.mode === "gateway-header"
      ? undefined
      : lazy(async () =>
          (await import("./adapters/entra/access-token-verifier.ts")).createAccessTokenVerifier(
            { ...callerIdentity, timeoutMs },
            clock,
          ),
        );

  const identities = "endpoint" in connection ? [graphIdentity, tablesIdentity] : [graphIdentity];
  const parts = [stores, graph.load, participantTokens];
  return {
    registrations: lazyMethods(
      async () => (await stores()).registrations,
      ...(["find", "put", "list", "remove", "removeTombstonesBefore"] as const),
    ),
    sessions: lazyMethods(
      async () => (await stores()).sessions,
      ...(["add", "takeSlot", "find", "change", "listLive", "list"] as const),
      ...(["activitySince", "removeStartedBefore"] as const),
    ),
    storageTime: async () => (await stores()).storageTime(),
    applications: graph.applications,
    owners: graph.owners,
    agentOwners: graph.agentOwners,
    participantTokens: lazyMethods(participantTokens, "issue"),
    rooms: lazyMethods(rooms, "list", "participants", "close", "dispatches", "dispatch"),
    webhooks: lazyMethods(webhooks, "receive"),
    verifyAccessToken: async (token) => await (await accessTokens?.())?.verify(token),
    clock,
    wait,
    random: { uuid: randomUUID, suffix: () => randomBytes(8).toString("hex") },
    // Shipped with the bundle and read on demand, so that they don't slow down a cold start.
    readShippedFile: createShippedFiles(join(import.meta.dirname, "docs")),
    readConsoleFile: createShippedFiles(join(import.meta.dirname, "console")),
    locateError: createErrorLocator(),
    version,
    probeGraph: graph.probe,
    load: () =>
      Promise.all([...identities, ...parts, ...(accessTokens ? [accessTokens] : [])].map((part) => part())),
    prefetch: async () => {
      await (await accessTokens?.())?.prefetch();
      for (const identity of identities) await (await identity()).prefetch();
      for (const part of parts) await part();
    },
  };
}

/** The app's managed identity for one resource, by the platform's identity endpoint. */
function managedIdentity(settings: ManagedIdentityTokenSettings) {
  return lazy(async () =>
    (await import("./adapters/entra/managed-identity-token.ts")).createManagedIdentityToken(
      settings,
      systemClock,
    ),
  );
}
