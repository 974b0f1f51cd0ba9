import { apiOf, isNotFound, listIn } from "../../src/adapters/graph/graph-response.ts";
import { type Find, readIdentity } from "../../src/adapters/graph/read-identity.ts";
import { type EntraIdentity, isObject } from "../../src/domain/application.ts";
import type { OwnedApplication } from "../../src/domain/authorization-view.ts";
import { type ClientId, parseGuid } from "../../src/domain/client-id.ts";
import { withProgress } from "../progress.ts";
import type { GraphClient } from "./graph-client.ts";
import { unreachableError, unusableResponseError } from "./graph-errors.ts";

/** What Graph knows about an agent. */
export interface AgentSnapshot {
  readonly agent: ClientId;
  /** `null` if it has neither an app registration nor an agent identity. */
  readonly identity: EntraIdentity<OwnedApplication> | null;
  /** The application that lists the agent's clients: its own, or its blueprint's; `null` if there is none. */
  readonly application: OwnedApplication | null;
  readonly displayName: string | null;
  readonly objectId: string | null;
  readonly readAt: Date;
}

/**
 * Reads an agent's app registration, or its agent identity and blueprint, by the service's own code.
 *
 * @throws CliError if Graph does not answer, or with something else
 */
export async function readAgent(graph: GraphClient, agent: ClientId): Promise<AgentSnapshot> {
  const readAt = new Date();
  /** The first resource that exists: the agent's own. */
  let own: unknown;
  const find: Find = async (path, parse) => {
    const response = await withProgress("Reading the agent", () => graph.get(path));
    if (isNotFound(response)) return null;
    if (response.status !== 200) throw unusableResponseError(graph, response);
    own ??= response.json;
    try {
      return parse(response.json);
    } catch (error) {
      throw unreachableError(graph, error);
    }
  };
  const identity = await readIdentity(agent, "id,displayName,api,appRoles", find, ownedApplicationOf);
  const names = identity === null ? { displayName: null, objectId: null } : namesIn(own);
  return { agent, identity, application: identity?.application ?? null, ...names, readAt };
}

function ownedApplicationOf(body: unknown): OwnedApplication {
  return { api: apiOf(body), appRoles: listIn(body, "appRoles") };
}

function namesIn(body: unknown): Pick<AgentSnapshot, "displayName" | "objectId"> {
  const objectId = (isObject(body) ? parseGuid(body["id"]) : undefined) ?? null;
  return { displayName: displayNameIn(body), objectId };
}

/** The display name in Graph's answer, if there is one. */
export function displayNameIn(body: unknown): string | null {
  const name = isObject(body) ? body["displayName"] : undefined;
  return typeof name === "string" && name.trim() !== "" ? name : null;
}
