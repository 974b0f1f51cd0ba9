import type { ClientId } from "../../src/domain/client-id.ts";
import type { GraphClient } from "../graph/graph-client.ts";
import { type Identity, identifyId } from "../graph/identify-id.ts";
import { type AgentSnapshot, readAgent } from "../graph/read-agent.ts";
import { agentHints, clientHints, type Hint } from "./hints.ts";
import { listedOn } from "./portal.ts";
import {
  clientRemediation,
  identityRemediations,
  type Remediation,
  scopeRemediation,
} from "./remediation.ts";
import { type ClientDecision, runChecks } from "./run-checks.ts";

/** Whether a client may start sessions with an agent, why, and how to fix it. */
export interface CheckResult extends ClientDecision {
  readonly agent: AgentSnapshot;
  readonly client: ClientId;
  readonly identity: Identity;
  readonly hints: readonly Hint[];
  readonly remediations: readonly Remediation[];
}

/**
 * Reads the agent and decides as LKPS would for an agent that is registered with enforcement on.
 *
 * @throws CliError if Graph does not answer
 */
export async function checkClient(
  graph: GraphClient,
  agent: ClientId,
  client: ClientId,
): Promise<CheckResult> {
  const snapshot = await readAgent(graph, agent);
  const decision = runChecks(agent, client, snapshot.identity);
  const identity = await identifyId(graph, client);
  const hints =
    snapshot.identity === null
      ? agentHints(agent, await identifyId(graph, agent), graph.tenantId)
      : clientHints(client, identity, decision);
  const { view, entry } = decision;
  const list = listedOn(agent, snapshot.identity, graph.url);
  const remediations = [
    ...identityRemediations(snapshot.identity),
    scopeRemediation(list, snapshot.identity, view),
    // Graph would refuse to list an object id.
    identity.objectOf !== null ? null : clientRemediation(list, client, snapshot.identity, view, entry),
  ];
  return {
    ...decision,
    agent: snapshot,
    client,
    identity,
    hints,
    remediations: remediations.filter((one) => one !== null),
  };
}
