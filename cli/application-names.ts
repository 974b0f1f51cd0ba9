import { isObject } from "../src/domain/application.ts";
import { type ClientId, parseClientId } from "../src/domain/client-id.ts";
import { CliError } from "./cli-error.ts";
import { readDisplayNames } from "./graph/display-names.ts";
import { type GraphOptions, openGraph } from "./graph/open-graph.ts";
import { quoted } from "./terminal.ts";

/** Display names by client id, in lower case. */
export type Names = ReadonlyMap<string, string>;

/** Names are optional, so nobody should wait longer for them. */
const PATIENCE_MS = 3_000;
const MAX_NAMES = 200;
// Neither a part of a longer name, such as a room's, nor a quoted value.
const CLIENT_ID = /(?<![\w"-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![\w"-])/gi;
const NAMED_MEMBERS: ReadonlySet<string> = new Set(["agent_entra_app_id", "client_app_id"]);

/**
 * Looks up the names of applications for a person to read: in the local directory, or in Microsoft Graph with the sign-in on
 * this machine, if there is one. Scripts read ids, so they need not wait for names.
 */
export async function lookUpNames(
  options: Omit<GraphOptions, "graphUrl"> & { graphUrl?: string },
  clients: readonly ClientId[],
): Promise<Names> {
  if (clients.length === 0 || !(options.local || process.stdout.isTTY)) return new Map();
  const graphOptions = { graphUrl: "https://graph.microsoft.com", ...options };
  try {
    const graph = await openGraph(graphOptions, PATIENCE_MS);
    return await readDisplayNames(graph, [...new Set(clients)].slice(0, MAX_NAMES));
  } catch (error) {
    if (error instanceof CliError) return new Map();
    throw error;
  }
}

/** Adds the names of applications after their client ids. */
export function addNames(text: string, names: Names): string {
  return text.replaceAll(CLIENT_ID, (id) => {
    const name = names.get(id.toLowerCase());
    return name === undefined ? id : `${id} ${quoted(name)}`;
  });
}

/** The client ids of agents and clients in an answer of LKPS. */
export function clientIdsIn(response: unknown): ClientId[] {
  if (Array.isArray(response)) return response.flatMap(clientIdsIn);
  if (!isObject(response)) return [];
  return Object.entries(response).flatMap(([name, value]) =>
    NAMED_MEMBERS.has(name) ? (parseClientId(value) ?? []) : clientIdsIn(value),
  );
}
