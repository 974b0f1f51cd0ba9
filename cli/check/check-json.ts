import type { OwnGraph } from "../graph/open-graph.ts";
import type { CheckResult } from "./check-client.ts";
import { exposeAnApi } from "./portal.ts";
import { questions } from "./words.ts";

/** The result for programs. Members may be added; those that are here stay. */
export function checkJson(result: CheckResult, graph: OwnGraph) {
  const { agent, client, identity, allowed, code, checks, view, hints, repairs } = result;
  return {
    allowed,
    code,
    agent: {
      agent_entra_app_id: agent.agent,
      display_name: agent.displayName,
      object_id: agent.objectId,
      found: agent.application !== null,
    },
    client: { client_app_id: client, display_name: identity.displayName },
    checks: checks.map(({ check, outcome, found }) => ({
      check,
      question: questions[check],
      outcome,
      found,
    })),
    scope: {
      state: view.scopeState,
      delegated_permission_id: view.delegatedPermissionId,
      near_misses: view.nearMisses,
    },
    hints,
    repairs: repairs.map(({ check, sentence, command }) => ({ check, sentence, command })),
    portal: exposeAnApi(graph.url, agent.agent),
    graph: {
      url: graph.url,
      tenant_id: graph.tenantId,
      signed_in_as: graph.signedInAs,
      read_at: agent.readAt.toISOString(),
    },
  };
}
