import { checkDescriptions } from "../descriptions.ts";
import type { GraphAccess } from "../graph/graph-access.ts";
import type { AppliedCheck } from "./apply-enforcement.ts";
import { listedOn, portalUrl } from "./portal.ts";

/** The result as JSON. Members may be added, but not removed or renamed. */
export function checkJson(result: AppliedCheck, graph: GraphAccess) {
  const { agent, client, identity, allowed, code, checks, view } = result;
  return {
    allowed,
    code,
    with_enforcement: result.withEnforcement,
    agent: {
      agent_entra_app_id: agent.agent,
      display_name: agent.displayName,
      object_id: agent.objectId,
      found: agent.application !== null,
      identity_kind: agent.identity?.kind ?? null,
      blueprint_app_id: agent.identity?.kind === "agent_identity" ? agent.identity.blueprint : null,
    },
    client: { client_app_id: client, display_name: identity.displayName },
    checks: checks.map(({ check, outcome, found }) => ({
      check,
      question: checkDescriptions[check],
      outcome,
      found,
    })),
    scope: {
      state: view.scopeState,
      delegated_permission_id: view.delegatedPermissionId,
      near_misses: view.nearMisses,
    },
    hints: result.hints,
    repairs: result.remediations,
    portal: portalUrl(listedOn(agent.agent, agent.identity, graph.url)),
    service: result.service,
    graph: {
      url: graph.url,
      tenant_id: graph.tenantId,
      signed_in_as: graph.signedInAs,
      read_at: agent.readAt.toISOString(),
    },
  };
}
