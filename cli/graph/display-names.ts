import type { ClientId } from "../../src/domain/client-id.ts";
import { CliError } from "../cli-error.ts";
import { withProgress } from "../progress.ts";
import type { GraphClient } from "./graph-client.ts";
import { displayNameIn } from "./read-agent.ts";

/**
 * Reads the display names of applications, by client id: from their app registrations, or from their enterprise
 * applications if the app registration is in another tenant. Names that cannot be read are left out.
 */
export async function readDisplayNames(
  graph: GraphClient,
  clients: readonly ClientId[],
): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const collection of ["applications", "servicePrincipals"]) {
    const unnamed = clients.filter((client) => !names.has(client));
    if (unnamed.length === 0) break;
    const paths = unnamed.map((client) => `/${collection}(appId='${client}')?$select=displayName`);
    try {
      const responses = await withProgress(`Reading ${paths.length} names`, () => graph.getAll(paths));
      for (const [n, client] of unnamed.entries()) {
        const response = responses[n];
        const name = response?.status === 200 ? displayNameIn(response.json) : null;
        if (name !== null) names.set(client, name);
      }
    } catch (error) {
      if (error instanceof CliError) return names;
      throw error;
    }
  }
  return names;
}
