import { applicationOf } from "../../src/adapters/graph/application-reading.ts";
import { apiOf, listIn } from "../../src/adapters/graph/application-shape.ts";
import { askUntilAnswered } from "../../src/adapters/graph/retry.ts";
import type { OwnedApplication } from "../../src/domain/authorization-view.ts";
import { type ClientId, parseGuid } from "../../src/domain/client-id.ts";
import { askingGraph } from "./graph-failure.ts";
import type { OwnGraph } from "./open-graph.ts";

/** What Graph says of an agent's app registration. */
export interface AgentReading {
  readonly agent: ClientId;
  /** `null` if Graph knows no such application. */
  readonly application: OwnedApplication | null;
  readonly displayName: string | null;
  readonly objectId: string | null;
  readonly readAt: Date;
}

/**
 * Reads an agent's app registration: what the service reads, by the same code, and what a person knows it by.
 *
 * @throws CouldNotTell where Graph does not answer, or not with an application
 */
export async function readAgent(graph: OwnGraph, agent: ClientId): Promise<AgentReading> {
  const path = `/applications(appId='${agent}')?$select=id,displayName,api,appRoles`;
  return await askingGraph(graph, "Reading the agent", async (read) => {
    const answer = await askUntilAnswered((onSend) => graph.ask({ path }, read.signal, onSend), read);
    const found = applicationOf(answer, read.progress.attempts) as {
      id?: unknown;
      displayName?: unknown;
    } | null;
    return {
      agent,
      application: found === null ? null : { api: apiOf(found), appRoles: listIn(found, "appRoles") },
      displayName: nameIn(found),
      objectId: parseGuid(found?.id) ?? null,
      readAt: read.readAt,
    };
  });
}

/** The display name in Graph's answer, if there is one. */
export function nameIn(found: { displayName?: unknown } | null | undefined): string | null {
  const name = found?.displayName;
  return typeof name === "string" && name.trim() !== "" ? name : null;
}
