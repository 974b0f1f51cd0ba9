import { readLimits } from "../application/use-case-context.ts";
import { viewAuthorization } from "../domain/authorization-view.ts";
import { ENFORCEMENT_OFF, remediationSentence } from "../domain/remediation-catalogue.ts";
import { endpoint, GRAPH_PROBLEMS } from "../http/endpoint.ts";
import type { Ports } from "./ports.ts";

/**
 * `GET /api/agent/authorization`: who may start sessions with the calling agent, and how to fix what is
 * wrong.
 */
export const readAuthorization = endpoint(
  {
    name: "readAuthorization",
    method: "GET",
    route: "api/agent/authorization",
    caller: "agent",
    documentation: {
      tag: "Owners",
      summary: "See who may start sessions with the calling agent, and what to fix",
      description:
        "The caller is the agent, registered or not. LKPS reads Microsoft Graph at most once a second for each agent. Lists every pre-authorized application once, evaluated as if enforcement were on.",
    },
    responses: { 200: "Authorization" },
    problems: GRAPH_PROBLEMS,
  },
  (ports: Pick<Ports, "registrations" | "owners" | "clock" | "graphTimeoutMs">) =>
    async ({ caller: agent, rateLimit }) => {
      const limits = readLimits(ports, { rateLimit });
      const [registration, { identity, readAt }] = await Promise.all([
        ports.registrations.find(agent),
        ports.owners.readOwned(agent, limits),
      ]);
      const view = viewAuthorization(agent, identity);
      return {
        jsonBody: {
          agent_entra_app_id: agent,
          registered: registration !== undefined,
          enforce_client_authz: registration?.enforceClientAuthz ?? null,
          application_found: identity?.application != null,
          application_read_at: readAt.toISOString(),
          identity: {
            kind: identity?.kind ?? null,
            blueprint_app_id: identity?.kind === "agent_identity" ? identity.blueprint : null,
          },
          scope: {
            state: view.scopeState,
            delegated_permission_id: view.delegatedPermissionId,
            near_misses: view.nearMisses,
          },
          clients: view.clients.map(({ client, mayStartSessions, code, remediation }) => ({
            client_app_id: client,
            may_start_sessions: mayStartSessions,
            code,
            repair: remediation,
          })),
          complete: view.complete,
          repairs: [
            ...(registration === undefined ? [remediationSentence("agent_not_registered")] : []),
            ...(registration?.enforceClientAuthz === false ? [ENFORCEMENT_OFF] : []),
            ...view.remediations,
          ],
        },
      };
    },
);
