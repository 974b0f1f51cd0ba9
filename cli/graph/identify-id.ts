import { isObject } from "../../src/domain/application.ts";
import { type ClientId, parseClientId, parseGuid } from "../../src/domain/client-id.ts";
import { CliError } from "../cli-error.ts";
import { withProgress } from "../progress.ts";
import type { GraphResponse } from "./graph-access.ts";
import type { GraphClient } from "./graph-client.ts";
import { displayNameIn } from "./read-agent.ts";

/** What an id stands for in the tenant, as far as Graph says. */
export interface Identity {
  /** The name of the application with this client id; `null` if not known. */
  readonly displayName: string | null;
  /** Graph has neither an app registration nor an enterprise application with this client id. */
  readonly isUnknown: boolean;
  /** The object ids of the two, which people mistake for the client id. */
  readonly objectIds: readonly string[];
  /** Set if the id is an object id: what it belongs to, and the client id of that. */
  readonly objectOf: {
    readonly kind: string;
    readonly displayName: string | null;
    readonly clientId: ClientId;
  } | null;
}

const UNIDENTIFIED: Identity = { displayName: null, isUnknown: false, objectIds: [], objectOf: null };
const SELECT = "$select=id,appId,displayName";

/** Looks up what an id stands for. Names and hints use it, never the decision; if Graph does not answer, it is empty. */
export async function identifyId(graph: GraphClient, id: ClientId): Promise<Identity> {
  const paths = [
    `/applications(appId='${id}')?${SELECT}`,
    `/servicePrincipals(appId='${id}')?${SELECT}`,
    `/applications/${id}?${SELECT}`,
    `/servicePrincipals/${id}?${SELECT}`,
  ];
  try {
    return identityFrom(id, await withProgress("Looking up the id", () => graph.getAll(paths)));
  } catch (error) {
    if (error instanceof CliError) return UNIDENTIFIED;
    throw error;
  }
}

function identityFrom(
  id: ClientId,
  [app, principal, appByObject, principalByObject]: readonly GraphResponse[],
): Identity {
  const registrations = [objectIn(app), objectIn(principal)];
  const appOfObject = objectIn(appByObject);
  const object = appOfObject ?? objectIn(principalByObject);
  const clientId = parseClientId(object?.["appId"]);
  const objectIds = registrations.flatMap((one) => parseGuid(one?.["id"]) ?? []);
  return {
    displayName: displayNameIn(registrations[0]) ?? displayNameIn(registrations[1]),
    isUnknown: app?.status === 404 && principal?.status === 404,
    // An agent identity's object id is its client id: nobody mistakes one for the other.
    objectIds: objectIds.filter((objectId) => objectId !== id),
    objectOf:
      clientId === undefined || clientId === id
        ? null
        : {
            kind: appOfObject === undefined ? "enterprise application" : "app registration",
            displayName: displayNameIn(object),
            clientId,
          },
  };
}

function objectIn(response: GraphResponse | undefined): Record<string, unknown> | undefined {
  return response?.status === 200 && isObject(response.json) ? response.json : undefined;
}
