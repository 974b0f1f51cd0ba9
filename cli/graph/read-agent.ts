import { isRecord } from "../../src/domain/application.ts";
import { apiOf, listIn } from "../../src/domain/application-shape.ts";
import type { OwnedApplication } from "../../src/domain/authorization-view.ts";
import { type ClientId, parseGuid } from "../../src/domain/client-id.ts";
import { withProgress } from "../progress.ts";
import type { GraphClient } from "./graph-client.ts";
import { graphErrorCode, unreachableError, unusableAnswerError } from "./graph-errors.ts";

/** What Graph knows about an agent's app registration. */
export interface AgentReading {
  readonly agent: ClientId;
  /** `null` if there is no such app registration. */
  readonly application: OwnedApplication | null;
  readonly displayName: string | null;
  readonly objectId: string | null;
  readonly readAt: Date;
}

/**
 * Reads an agent's app registration. The shape of the answer is checked by the service's own code.
 *
 * @throws CliError if Graph does not answer, or not with an application
 */
export async function readAgent(graph: GraphClient, agent: ClientId): Promise<AgentReading> {
  const path = `/applications(appId='${agent}')?$select=id,displayName,api,appRoles`;
  const answer = await withProgress("Reading the agent", () => graph.get(path));
  const readAt = new Date();
  if (answer.status === 404 && graphErrorCode(answer) === "Request_ResourceNotFound")
    return { agent, application: null, displayName: null, objectId: null, readAt };
  if (answer.status !== 200) throw unusableAnswerError(graph, answer);
  const { body } = answer;
  try {
    const application = { api: apiOf(body), appRoles: listIn(body, "appRoles") };
    const objectId = (isRecord(body) ? parseGuid(body["id"]) : undefined) ?? null;
    return { agent, application, displayName: displayNameIn(body), objectId, readAt };
  } catch (error) {
    throw unreachableError(graph, error);
  }
}

/** The display name in Graph's answer, if there is one. */
export function displayNameIn(body: unknown): string | null {
  const name = isRecord(body) ? body["displayName"] : undefined;
  return typeof name === "string" && name.trim() !== "" ? name : null;
}
