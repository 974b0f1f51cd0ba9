import type { ClientId } from "../../src/domain/client-id.ts";
import type { GraphClient } from "../graph/graph-client.ts";
import { type Identity, identifyId } from "../graph/identify-id.ts";
import { type AgentReading, readAgent } from "../graph/read-agent.ts";
import { listedOn } from "./az-command.ts";
import { agentHints, clientHints, type Hint } from "./hints.ts";
import { clientRepair, identityRepairs, type Repair, scopeRepair } from "./repairs.ts";
import { type ClientDecision, runChecks } from "./run-checks.ts";

/** Whether a client may start sessions with an agent, why, and how to fix it. */
export interface CheckResult extends ClientDecision {
  readonly agent: AgentReading;
  readonly client: ClientId;
  readonly identity: Identity;
  readonly hints: readonly Hint[];
  readonly repairs: readonly Repair[];
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
  const reading = await readAgent(graph, agent);
  const decision = runChecks(agent, client, reading.identity);
  const identity = await identifyId(graph, client);
  const hints =
    reading.identity === null
      ? agentHints(agent, await identifyId(graph, agent), graph.tenantId)
      : clientHints(client, identity, decision);
  const { view, entry } = decision;
  const list = listedOn(agent, reading.identity, graph.url);
  const repairs = [
    ...identityRepairs(reading.identity),
    scopeRepair(list, reading.identity, view),
    // Graph would refuse to list an object id.
    identity.objectOf !== null ? null : clientRepair(list, client, reading.identity, view, entry),
  ];
  return {
    ...decision,
    agent: reading,
    client,
    identity,
    hints,
    repairs: repairs.filter((one) => one !== null),
  };
}
