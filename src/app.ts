import { graphRateLimits } from "./adapters/graph/graph-rate-limits.ts";
import { createPageTokens } from "./adapters/lib/page-tokens.ts";
import { onceASecond } from "./adapters/lib/shared-reads.ts";
import { takeTurns } from "./adapters/lib/take-turns.ts";
import type { Adapters } from "./adapters.ts";
import { createPolicyDecisionPoint, type PolicyDecisionPoint } from "./application/policy-decision-point.ts";
import type { Config } from "./config.ts";
import { PROBE_CLIENT_ID } from "./domain/client-id.ts";
import type { PageTokens, TakeTurn } from "./domain/ports.ts";
import { accessEvaluation } from "./functions/access-evaluation.ts";
import { accessEvaluations } from "./functions/access-evaluations.ts";
import { authzenConfiguration } from "./functions/authzen-configuration.ts";
import { checkLiveSessions } from "./functions/check-live-sessions.ts";
import { docs } from "./functions/docs.ts";
import { docsFile } from "./functions/docs-file.ts";
import { endSession } from "./functions/end-session.ts";
import { health } from "./functions/health.ts";
import { listSessions } from "./functions/list-sessions.ts";
import { livekitWebhook } from "./functions/livekit-webhook.ts";
import { openapi } from "./functions/openapi.ts";
import { readAuthorization } from "./functions/read-authorization.ts";
import { readRegistration } from "./functions/read-registration.ts";
import { readSession } from "./functions/read-session.ts";
import { readUsage } from "./functions/read-usage.ts";
import { type Probe, readiness } from "./functions/readiness.ts";
import { registerAgent } from "./functions/register-agent.ts";
import { rehearseAuthorization } from "./functions/rehearse-authorization.ts";
import { removeOldSessions } from "./functions/remove-old-sessions.ts";
import { removeRegistration } from "./functions/remove-registration.ts";
import { searchAction } from "./functions/search-action.ts";
import { searchResource } from "./functions/search-resource.ts";
import { searchSubject } from "./functions/search-subject.ts";
import { startSession } from "./functions/start-session.ts";
import { identifyCallerBy } from "./http/caller.ts";
import type { Endpoint } from "./http/endpoint.ts";
import { createHandler } from "./http/handler.ts";

/** What the endpoints get. Each names what it needs of it. */
interface Ports extends Adapters {
  readonly decisions: PolicyDecisionPoint;
  readonly probes: Readonly<Record<"tables" | "graph" | "parts", Probe>>;
  readonly pageTokens: PageTokens;
  readonly takeRehearsalTurn: TakeTurn;
  readonly takeListTurn: TakeTurn;
  readonly serverUrl: string;
  readonly tokenTtlSeconds: number;
  readonly graphTimeoutMs: number;
  readonly tablesTimeoutMs: number;
  readonly baseUrl: string | undefined;
  readonly publicBaseUrl: string | undefined;
}

/** All endpoints, in the order of the OpenAPI document, which is generated from them. */
export const endpoints: readonly Endpoint<Ports>[] = [
  startSession,
  registerAgent,
  readRegistration,
  removeRegistration,
  readAuthorization,
  rehearseAuthorization,
  readUsage,
  listSessions,
  readSession,
  endSession,
  accessEvaluation,
  accessEvaluations,
  searchSubject,
  searchResource,
  searchAction,
  authzenConfiguration,
  health,
  readiness,
  openapi,
  docs,
  docsFile,
  livekitWebhook,
];

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
    decisions: createPolicyDecisionPoint(facts),
    probes: {
      tables: () => probeOnce("tables", () => registrations.find(PROBE_CLIENT_ID)),
      graph: () => probeOnce("graph", adapters.probeGraph),
      parts: adapters.load,
    },
    pageTokens: createPageTokens(config.liveKit.apiSecret),
    takeRehearsalTurn: takeTurns(clock, MAX_WAITING_REHEARSALS),
    takeListTurn: takeTurns(clock, Number.POSITIVE_INFINITY),
    serverUrl: config.liveKit.url,
    tokenTtlSeconds: config.sessionTokenTtlSeconds,
    baseUrl,
    publicBaseUrl,
  };
  const services = {
    ...adapters,
    identifyCaller: identifyCallerBy(callerIdentity.mode, adapters.verifyAccessToken),
    rateLimitOf: graphRateLimits(config.graph.readsPerCaller, clock),
    publicBaseUrl,
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
        rateLimit: graphRateLimits(MAX_CHECK_READS, clock)(PROBE_CLIENT_ID),
        liveSessionCheckSeconds: config.liveSessionCheckSeconds,
      }),
      removeOldSessions({ ...adapters, retentionDays: config.sessionRetentionDays }),
    ],
  };
}
