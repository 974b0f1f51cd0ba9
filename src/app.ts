import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { version } from "../package.json";
import { createLazyAccessTokenVerifier } from "./adapters/entra/lazy-access-token-verifier.ts";
import { createLazyManagedIdentity } from "./adapters/entra/lazy-managed-identity.ts";
import { graphRateLimits } from "./adapters/graph/graph-rate-limits.ts";
import { createLazyGraph } from "./adapters/graph/lazy-graph.ts";
import { PERMISSION_HELP } from "./adapters/graph/permission-help.ts";
import { createErrorLocator } from "./adapters/lib/error-locator.ts";
import { onceASecond } from "./adapters/lib/once-a-second.ts";
import { createPageTokens } from "./adapters/lib/page-tokens.ts";
import { createShippedFiles } from "./adapters/lib/shipped-files.ts";
import { systemClock as clock } from "./adapters/lib/system-clock.ts";
import { systemRandom as random } from "./adapters/lib/system-random.ts";
import { takeTurns } from "./adapters/lib/take-turns.ts";
import { createLazyLiveKit } from "./adapters/livekit/lazy-livekit.ts";
import { createLazyParticipantTokenIssuer } from "./adapters/livekit/lazy-participant-token-issuer.ts";
import { createLazyStores } from "./adapters/tables/lazy-stores.ts";
import { createPolicyDecisionPoint } from "./application/policy-decision-point.ts";
import type { Config } from "./config.ts";
import { PROBE_CLIENT_ID } from "./domain/client-id.ts";
import { endpoints } from "./endpoints.ts";
import { checkLiveSessions } from "./functions/check-live-sessions.ts";
import { removeOldSessions } from "./functions/remove-old-sessions.ts";
import { identifyCallerBy } from "./http/caller.ts";
import { createHandler } from "./http/handler.ts";

/** Of one agent; the next one is rejected. */
const MAX_WAITING_REHEARSALS = 5;
const TABLES_HELP = "the app's managed identity needs the role Storage Table Data Contributor";

/** Requests to Graph in 10 s that the check of live sessions may cause. */
const MAX_CHECK_READS = 1_000;

/** Wires the app: every endpoint and timer, and what to prefetch before the first request. */
export function createApp(config: Config) {
  const { callerIdentity, graph: graphSettings, tables, liveKit, managedIdentityClientId: clientId } = config;
  const { timeoutMs: graphTimeoutMs, baseUrl: graphBaseUrl, cacheSeconds, readsPerCaller } = graphSettings;
  const locateError = createErrorLocator();

  const graphIdentity = createLazyManagedIdentity({
    clientId,
    resource: graphBaseUrl,
    timeoutMs: graphTimeoutMs,
    help: PERMISSION_HELP,
  });
  const accessToken = async (signal: AbortSignal) => (await graphIdentity.getToken(signal)).token;
  const graph = createLazyGraph(
    { baseUrl: graphBaseUrl, cacheSeconds, timeoutMs: graphTimeoutMs, accessToken },
    clock,
  );
  const tablesIdentity = createLazyManagedIdentity({
    clientId,
    resource: "https://storage.azure.com",
    timeoutMs: tables.timeoutMs,
    help: TABLES_HELP,
  });
  const isByIdentity = "endpoint" in tables.connection;
  const stores = createLazyStores({
    ...tables,
    clock,
    isChecked: config.liveSessionCheckSeconds > 0,
    connection:
      "endpoint" in tables.connection
        ? { endpoint: tables.connection.endpoint, getToken: tablesIdentity.getToken }
        : tables.connection,
  });
  const participantTokens = createLazyParticipantTokenIssuer(liveKit);
  const { rooms, webhooks } = createLazyLiveKit(liveKit);
  const accessTokens =
    callerIdentity.mode === "gateway-header"
      ? undefined
      : createLazyAccessTokenVerifier({ ...callerIdentity, timeoutMs: graphTimeoutMs });

  // Everything that a session start needs and that is loaded lazily.
  const lazyParts = [
    graphIdentity,
    graph,
    stores,
    participantTokens,
    ...(isByIdentity ? [tablesIdentity] : []),
    ...(accessTokens ? [accessTokens] : []),
  ];
  const askOnce = onceASecond<string, unknown>(clock);
  const facts = { ...stores, applications: graph.applications, clock, graphTimeoutMs };
  const ports = {
    ...facts,
    decisions: createPolicyDecisionPoint(facts),
    pageTokens: createPageTokens(liveKit.apiSecret),
    owners: graph.owners,
    participantTokens,
    rooms,
    webhooks,
    random,
    version,
    serverUrl: liveKit.url,
    tokenTtlSeconds: config.sessionTokenTtlSeconds,
    baseUrl: config.baseUrl,
    publicBaseUrl: config.publicBaseUrl,
    takeRehearsalTurn: takeTurns(clock, MAX_WAITING_REHEARSALS),
    takeListTurn: takeTurns(clock, Number.POSITIVE_INFINITY),
    // Shipped with the bundle and read on demand, so that they don't slow down a cold start.
    readShippedFile: createShippedFiles(join(import.meta.dirname, "docs")),
    probes: {
      tables: () => askOnce("tables", () => stores.registrations.find(PROBE_CLIENT_ID)),
      graph: () => askOnce("graph", graph.probe),
      parts: () => Promise.all(lazyParts.map((part) => part.load())),
    },
  };
  const services = {
    identifyCaller: identifyCallerBy(callerIdentity.mode, async (token) => await accessTokens?.verify(token)),
    rateLimitOf: graphRateLimits(readsPerCaller, clock),
    clock,
    random,
    locateError,
    publicBaseUrl: config.publicBaseUrl,
  };
  const callerAuthLevel =
    callerIdentity.mode === "access-token" ? ("anonymous" as const) : ("function" as const);

  return {
    endpoints: endpoints.map((endpoint) => ({
      name: endpoint.name,
      route: endpoint.route,
      methods: endpoint.method === "GET" ? (["GET", "HEAD"] as const) : [endpoint.method],
      authLevel: endpoint.caller === "none" ? ("anonymous" as const) : callerAuthLevel,
      handler: createHandler(endpoint, ports, services),
    })),
    timers: [
      checkLiveSessions({
        ...ports,
        wait,
        rateLimit: graphRateLimits(MAX_CHECK_READS, clock)(PROBE_CLIENT_ID),
        liveSessionCheckSeconds: config.liveSessionCheckSeconds,
        locateError,
      }),
      removeOldSessions({ ...stores, clock, retentionDays: config.sessionRetentionDays, locateError }),
    ],
    locateError,
    /** Loads and fetches what a session start needs. Anything that fails is tried again when it is needed. */
    prefetch: async () => {
      await accessTokens?.prefetch();
      await graphIdentity.prefetch();
      if (isByIdentity) await tablesIdentity.prefetch();
      for (const part of [stores, graph, participantTokens]) await part.load();
    },
  };
}
