import { askBatch } from "../../src/adapters/graph/batch.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { CouldNotTell } from "../outcome.ts";
import { askingGraph } from "./graph-failure.ts";
import type { OwnGraph } from "./open-graph.ts";
import { nameIn } from "./read-agent.ts";

/** How many requests Graph takes in one batch. */
const BATCH_LIMIT = 20;

/**
 * The display names of applications: of their app registrations, or where those are in another tenant, of their
 * enterprise applications. Who has none that can be read is left out.
 */
export async function namesOf(
  graph: OwnGraph,
  clients: readonly ClientId[],
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const kind of ["applications", "servicePrincipals"]) {
    const nameless = clients.filter((client) => !names.has(client));
    for (let at = 0; at < nameless.length; at += BATCH_LIMIT) {
      const some = nameless.slice(at, at + BATCH_LIMIT);
      const found = await askNames(graph, kind, some);
      // The rest would be refused, or not answered, in the same way.
      if (found === undefined) return names;
      for (const [client, name] of found) names.set(client, name);
    }
  }
  return names;
}

async function askNames(graph: OwnGraph, kind: string, clients: readonly ClientId[]) {
  const paths = clients.map((client) => `/${kind}(appId='${client}')?$select=displayName`);
  try {
    const answers = await askingGraph(graph, `Reading ${clients.length} names`, (read) =>
      Promise.all(askBatch(graph.ask, paths, read, (answer) => answer)),
    );
    return clients.flatMap((client, n) => {
      const answer = answers[n];
      const name = answer?.status === 200 ? nameIn(answer.json as { displayName?: unknown } | null) : null;
      return name === null ? [] : [[client, name] as const];
    });
  } catch (error) {
    if (error instanceof CouldNotTell) return undefined;
    throw error;
  }
}
