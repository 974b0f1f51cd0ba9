import type { ClientId } from "../../src/domain/client-id.ts";
import type { OwnGraph } from "../graph/open-graph.ts";
import { type AgentReading, readAgent } from "../graph/read-agent.ts";
import { type Identity, whoIs } from "../graph/who-is.ts";
import { type Examination, examine } from "./examine.ts";
import { clientRepair, type Repair, scopeRepair } from "./fix.ts";
import { agentHints, clientHints, type Hint } from "./hints.ts";

/** Whether a client may start sessions with an agent, why, and what to do where it may not. */
export interface CheckResult extends Examination {
  readonly agent: AgentReading;
  readonly client: ClientId;
  readonly identity: Identity;
  readonly hints: readonly Hint[];
  readonly repairs: readonly Repair[];
}

/**
 * Asks Graph and decides as LKPS would for an agent that is registered with enforcement.
 *
 * @throws CouldNotTell where Graph gives no answer to decide on
 */
export async function checkClient(graph: OwnGraph, agent: ClientId, client: ClientId): Promise<CheckResult> {
  const reading = await readAgent(graph, agent);
  const { application } = reading;
  const examination = examine(agent, client, application);
  const identity = await whoIs(graph, client);
  const hints =
    application === null
      ? agentHints(agent, await whoIs(graph, agent), graph.tenantId)
      : clientHints(client, identity, examination);
  const { view, entry } = examination;
  const repairs = [
    scopeRepair(agent, view, application !== null),
    // An id that is none of a client's would only be refused by Graph.
    application === null || identity.meant !== null ? null : clientRepair(agent, client, view, entry),
  ];
  return {
    ...examination,
    agent: reading,
    client,
    identity,
    hints,
    repairs: repairs.filter((one) => one !== null),
  };
}
