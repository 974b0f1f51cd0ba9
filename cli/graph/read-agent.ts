import { isObject } from "../../src/domain/application.ts";
import { apiOf, listIn } from "../../src/domain/application-shape.ts";
import type { OwnedApplication } from "../../src/domain/authorization-view.ts";
import { type ClientId, parseGuid } from "../../src/domain/client-id.ts";
import { agentIdentityOf, type EntraIdentity } from "../../src/domain/entra-identity.ts";
import { withProgress } from "../progress.ts";
import type { GraphClient } from "./graph-client.ts";
import { graphErrorCode, unreachableError, unusableResponseError } from "./graph-errors.ts";

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
 * Reads an agent's app registration, or its agent identity and blueprint, as LKPS does. The shape of the answers is
 * checked by the service's own code.
 *
 * @throws CliError if Graph does not answer, or with something else
 */
export async function readAgent(graph: GraphClient, agent: ClientId): Promise<AgentSnapshot> {
  const readAt = new Date();
  const body = await find(graph, applicationPath(agent));
  if (body !== null) {
    const application = parse(graph, body, ownedApplicationOf);
    return { agent, identity: { kind: "application", application }, application, ...namesIn(body), readAt };
  }
  const principal = await find(graph, `/servicePrincipals(appId='${agent}')`);
  const found = principal === null ? null : parse(graph, principal, agentIdentityOf);
  if (found === null) {
    return { agent, identity: null, application: null, displayName: null, objectId: null, readAt };
  }
  const blueprint = found.blueprint === null ? null : await find(graph, applicationPath(found.blueprint));
  const application = blueprint === null ? null : parse(graph, blueprint, ownedApplicationOf);
  return { agent, identity: { ...found, application }, application, ...namesIn(principal), readAt };
}

function applicationPath(clientId: ClientId): string {
  return `/applications(appId='${clientId}')?$select=id,displayName,api,appRoles`;
}

/** The body of Graph's answer; `null` if Graph has nothing there. */
async function find(graph: GraphClient, path: string): Promise<unknown> {
  const response = await withProgress("Reading the agent", () => graph.get(path));
  if (response.status === 404 && graphErrorCode(response) === "Request_ResourceNotFound") return null;
  if (response.status !== 200) throw unusableResponseError(graph, response);
  return response.body ?? undefined;
}

function parse<T>(graph: GraphClient, body: unknown, shape: (body: unknown) => T): T {
  try {
    return shape(body);
  } catch (error) {
    throw unreachableError(graph, error);
  }
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
