import { createPageTokens } from "../../src/adapters/lib/page-tokens.ts";
import { systemClock as clock } from "../../src/adapters/lib/system-clock.ts";
import { systemRandom as random } from "../../src/adapters/lib/system-random.ts";
import type { PolicyDecisionPoint } from "../../src/application/policy-decision-point.ts";
import { PROBE_CLIENT_ID as clientId } from "../../src/domain/client-id.ts";
import { unlimited } from "../../src/domain/graph-rate-limit.ts";
import type { PageTokens } from "../../src/domain/ports.ts";
import { accessEvaluation } from "../../src/functions/access-evaluation.ts";
import { accessEvaluations } from "../../src/functions/access-evaluations.ts";
import { authzenConfiguration } from "../../src/functions/authzen-configuration.ts";
import { searchAction } from "../../src/functions/search-action.ts";
import { searchResource } from "../../src/functions/search-resource.ts";
import { searchSubject } from "../../src/functions/search-subject.ts";
import { callerFromAccessToken } from "../../src/http/caller.ts";
import type { Endpoint } from "../../src/http/endpoint.ts";
import { createHandler, type HandlerServices } from "../../src/http/handler.ts";
import { fixtureDecisions } from "./fixture-decisions.ts";

/** What the certification suite sends as `Authorization: Bearer`. Has the form of a token, as LKPS requires. */
export const API_KEY = "certification.fixture.key";

const endpoints: readonly Endpoint<{
  readonly decisions: PolicyDecisionPoint;
  readonly clock: typeof clock;
  readonly baseUrl: string;
  readonly pageTokens: PageTokens;
}>[] = [
  accessEvaluation,
  accessEvaluations,
  searchSubject,
  searchResource,
  searchAction,
  authzenConfiguration,
];

const pageTokens = createPageTokens(API_KEY);

/** LKPS's own AuthZEN endpoints, with the decisions of the certification fixture instead of LKPS's own. */
export function fixtureEndpoints(baseUrl: string) {
  const services: HandlerServices = {
    identifyCaller: callerFromAccessToken(async (token) =>
      token === API_KEY ? { clientId, isApplicationToken: true } : undefined,
    ),
    rateLimitOf: () => unlimited,
    clock,
    random,
    locateError: () => undefined,
  };
  return endpoints.map((endpoint) => ({
    name: endpoint.name,
    route: endpoint.route,
    methods: [endpoint.method],
    authLevel: "anonymous" as const,
    handler: createHandler(endpoint, { decisions: fixtureDecisions, clock, baseUrl, pageTokens }, services),
  }));
}
