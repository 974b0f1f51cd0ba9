import { askBatch } from "../../src/adapters/graph/batch.ts";
import type { GraphAnswer } from "../../src/adapters/graph/graph-client.ts";
import { isRecord } from "../../src/domain/application.ts";
import { type ClientId, parseClientId, parseGuid } from "../../src/domain/client-id.ts";
import { DependencyError } from "../../src/domain/dependency-error.ts";
import { CouldNotTell } from "../outcome.ts";
import { askingGraph } from "./graph-failure.ts";
import type { OwnGraph } from "./open-graph.ts";
import { nameIn } from "./read-agent.ts";

/** What an id is in the tenant, as far as Graph says. */
export interface Identity {
  /** As a client id: the app registration's name, or the enterprise application's; `null` if not known. */
  readonly displayName: string | null;
  /** Graph has neither an app registration nor an enterprise application with this client id. */
  readonly isUnknown: boolean;
  /** The object ids of the two, by which the application may be meant elsewhere. */
  readonly objectIds: readonly string[];
  /** Where the id is an *object* id: what of, and the client id that was meant. */
  readonly meant: {
    readonly kind: string;
    readonly displayName: string | null;
    readonly clientId: ClientId;
  } | null;
}

const NOTHING: Identity = { displayName: null, isUnknown: false, objectIds: [], meant: null };
const SELECT = "$select=id,appId,displayName";

/**
 * Finds out what an id is. Only names and hints rest on it, never the decision: where Graph says nothing, neither does
 * this.
 */
export async function whoIs(graph: OwnGraph, id: ClientId): Promise<Identity> {
  const paths = [
    `/applications(appId='${id}')?${SELECT}`,
    `/servicePrincipals(appId='${id}')?${SELECT}`,
    `/applications/${id}?${SELECT}`,
    `/servicePrincipals/${id}?${SELECT}`,
  ];
  try {
    const answers = await askingGraph(graph, "Looking up the id", (read) =>
      Promise.all(askBatch(graph.ask, paths, read, (answer) => answer)),
    );
    return identityOf(answers);
  } catch (error) {
    if (error instanceof CouldNotTell || error instanceof DependencyError) return NOTHING;
    throw error;
  }
}

function identityOf([app, principal, appByObject, principalByObject]: readonly (
  | GraphAnswer
  | undefined
)[]): Identity {
  const registrations = [found(app), found(principal)];
  const meantApp = found(appByObject);
  const meant = meantApp ?? found(principalByObject);
  const clientId = parseClientId(meant?.["appId"]);
  return {
    displayName: nameIn(registrations[0]) ?? nameIn(registrations[1]),
    isUnknown: app?.status === 404 && principal?.status === 404,
    objectIds: registrations.flatMap((one) => parseGuid(one?.["id"]) ?? []),
    meant:
      clientId === undefined
        ? null
        : {
            kind: meantApp === undefined ? "enterprise application" : "app registration",
            displayName: nameIn(meant),
            clientId,
          },
  };
}

function found(answer: GraphAnswer | undefined): Record<string, unknown> | undefined {
  return answer?.status === 200 && isRecord(answer.json) ? answer.json : undefined;
}
