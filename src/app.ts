import { graphRateLimits } from "./adapters/graph/graph-rate-limits.ts";
import { createPageTokens } from "./adapters/lib/page-tokens.ts";
import { onceASecond } from "./adapters/lib/shared-reads.ts";
import { takeTurns } from "./adapters/lib/take-turns.ts";
import { createAuthorizeOwner } from "./application/authorize-owner.ts";
import type { Config } from "./config.ts";
import { PROBE_CLIENT_ID } from "./domain/client-id.ts";
import { consoleEndpoints, serviceEndpoints } from "./endpoints.ts";
import { checkLiveSessions } from "./functions/check-live-sessions.ts";
import type { Adapters, Ports } from "./functions/ports.ts";
import { removeOldSessions } from "./functions/remove-old-sessions.ts";
import { identifyCallerBy } from "./http/caller.ts";
import type { Endpoint } from "./http/endpoint.ts";
import { createHandler } from "./http/handler.ts";

/** Of one agent; the next one is rejected. */
const MAX_WAITING_REHEARSALS = 5;
/** Requests to Graph in 10 s that the check of live sessions may cause. */
const MAX_CHECK_READS = 1_000;

/** Every endpoint and timer, as the Functions host registers them. */
export function createApp(adapters: Adapters, config: Config) {
  const { clock, registrations } = adapters;
  const { publicBaseUrl, baseUrl, callerIdentity } = config;
  const facts = {
    ...adapters,
    graphTimeoutMs: config.graph.timeoutMs,
    tablesTimeoutMs: config.tables.timeoutMs,
  };
  const probeOnce = onceASecond<string, unknown>(clock);
  const ports: Ports = {
    ...facts,
    probes: {
      tables: () => probeOnce("tables", () => registrations.find(PROBE_CLIENT_ID)),
      graph: () => probeOnce("graph", adapters.probeGraph),
      parts: adapters.load,
    },
    pageTokens: createPageTokens(config.liveKit.apiSecret),
    takeRehearsalTurn: takeTurns(clock, MAX_WAITING_REHEARSALS),
    takeListTurn: takeTurns(clock, Number.POSITIVE_INFINITY, true),
    serverUrl: config.liveKit.url,
    tokenTtlSeconds: config.sessionTokenTtlSeconds,
    baseUrl,
    publicBaseUrl,
  };
  const rateLimitOf = graphRateLimits(config.graph.readsPerCaller, clock);
  const services = {
    ...adapters,
    identifyCaller: identifyCallerBy(callerIdentity.mode, adapters.verifyAccessToken),
    rateLimitOf,
    authorizeOwner:
      config.console &&
      createAuthorizeOwner({ ...facts, rateLimitOf, consoleClientId: config.console.clientId }),
    publicBaseUrl,
  };
  const callerAuthLevel =
    callerIdentity.mode === "access-token" ? ("anonymous" as const) : ("function" as const);

  const functionsOf = <P>(list: readonly Endpoint<P>[], ports: P) =>
    list.map((endpoint) => ({
      name: endpoint.name,
      route: endpoint.route,
      methods: endpoint.method === "GET" ? (["GET", "HEAD"] as const) : [endpoint.method],
      authLevel: endpoint.caller === "none" ? ("anonymous" as const) : callerAuthLevel,
      handler: createHandler(endpoint, ports, services),
    }));

  return {
    endpoints: [
      ...functionsOf(serviceEndpoints, ports),
      ...(config.console ? functionsOf(consoleEndpoints, { ...ports, console: config.console }) : []),
    ],
    timers: [
      checkLiveSessions({
        ...ports,
        rateLimit: graphRateLimits(MAX_CHECK_READS, clock)(PROBE_CLIENT_ID),
        liveSessionCheckSeconds: config.liveSessionCheckSeconds,
      }),
      removeOldSessions({ ...adapters, retentionDays: config.sessionRetentionDays }),
    ],
  };
}
