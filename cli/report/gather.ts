import manifest from "../../package.json" with { type: "json" };
import { viewAuthorization } from "../../src/domain/authorization-view.ts";
import { type ClientId, parseClientId } from "../../src/domain/client-id.ts";
import { entryOf } from "../check/entry.ts";
import { clientRepair, scopeRepair } from "../check/fix.ts";
import { agentHints } from "../check/hints.ts";
import { exposeAnApi } from "../check/portal.ts";
import { namesOf } from "../graph/names.ts";
import type { OwnGraph } from "../graph/open-graph.ts";
import { readAgent } from "../graph/read-agent.ts";
import { whoIs } from "../graph/who-is.ts";
import type { ReportData, ReportedService } from "./report-data.ts";

/**
 * Reads all that a report about an agent shows.
 *
 * @param service - what LKPS said, if it was asked
 * @throws CouldNotTell where Graph gives no answer about the agent
 */
export async function gatherReport(
  graph: OwnGraph,
  agent: ClientId,
  service: ReportedService | string | null,
): Promise<ReportData> {
  const { application, displayName, readAt } = await readAgent(graph, agent);
  const view = viewAuthorization(agent, application);
  const clients = view.clients
    .map(({ client, mayStartSessions, code }) => {
      const entry = entryOf(application?.api ?? null, client);
      const isStale = [...entry.held.values()].includes(null);
      return { client, mayStartSessions, code, repair: clientRepair(agent, client, view, entry), isStale };
    })
    .toSorted((one, other) => Number(one.mayStartSessions) - Number(other.mayStartSessions));
  const hints = application === null ? agentHints(agent, await whoIs(graph, agent), graph.tenantId) : [];
  return {
    agent,
    displayName,
    isFound: application !== null,
    view,
    scopeRepair: scopeRepair(agent, view, application !== null),
    clients,
    names: await namesOf(graph, [
      ...new Set([...clients.map(({ client }) => client), ...clientsIn(service)]),
    ]),
    hints: hints.map(({ message }) => message),
    service,
    portal: exposeAnApi(graph.url, agent),
    graphUrl: graph.url,
    tenantId: graph.tenantId,
    signedInAs: graph.signedInAs,
    readAt,
    version: manifest.version,
  };
}

/** Whom LKPS names. */
function clientsIn(service: ReportedService | string | null): ClientId[] {
  if (service === null || typeof service === "string") return [];
  const named = [...service.sessions, ...service.rehearsal.clients];
  return named.flatMap(({ client_app_id: client }) => parseClientId(client) ?? []);
}
