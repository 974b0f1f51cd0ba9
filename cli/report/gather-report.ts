import manifest from "../../package.json" with { type: "json" };
import { viewAuthorization } from "../../src/domain/authorization-view.ts";
import { type ClientId, parseClientId } from "../../src/domain/client-id.ts";
import { findClientEntry } from "../check/client-entry.ts";
import { agentHints } from "../check/hints.ts";
import { listedOn } from "../check/portal.ts";
import { clientRemediation, identityRemediations, scopeRemediation } from "../check/remediation.ts";
import { readDisplayNames } from "../graph/display-names.ts";
import type { GraphClient } from "../graph/graph-client.ts";
import { identifyId } from "../graph/identify-id.ts";
import { readAgent } from "../graph/read-agent.ts";
import { type ReportData, responseOf, type ServiceResult } from "./report-data.ts";

/**
 * Reads what a report about an agent shows.
 *
 * @throws CliError if Graph does not answer about the agent
 */
export async function gatherReport(
  graph: GraphClient,
  agent: ClientId,
  service: ServiceResult,
): Promise<ReportData> {
  const { identity, application, displayName, readAt } = await readAgent(graph, agent);
  const view = viewAuthorization(agent, identity);
  const list = listedOn(agent, identity, graph.url);
  const clients = view.clients
    .map(({ client, mayStartSessions, code }) => {
      const entry = findClientEntry(application?.api ?? null, client);
      const remediation = clientRemediation(list, client, identity, view, entry);
      return { client, mayStartSessions, code, remediation };
    })
    .toSorted((one, other) => Number(one.mayStartSessions) - Number(other.mayStartSessions));
  const hints = identity === null ? agentHints(agent, await identifyId(graph, agent), graph.tenantId) : [];
  const shownClients = new Set([...clients.map(({ client }) => client), ...clientsIn(service)]);
  return {
    agent,
    displayName,
    identity,
    view,
    firstRemediations: [...identityRemediations(identity), scopeRemediation(list, identity, view)].filter(
      (one) => one !== null,
    ),
    clients,
    names: await readDisplayNames(graph, [...shownClients]),
    hints: hints.map(({ message }) => message),
    service,
    graph,
    readAt,
    version: manifest.version,
  };
}

/** The clients in the answer of LKPS. */
function clientsIn(service: ServiceResult): ClientId[] {
  const response = responseOf(service);
  if (response === null) return [];
  const listed = [...response.sessions, ...response.rehearsal.clients];
  return listed.flatMap(({ client_app_id: client }) => parseClientId(client) ?? []);
}
