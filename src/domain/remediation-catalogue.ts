import type { EntraIdentity } from "./application.ts";
import type { DenialCode } from "./decision.ts";

/** Where the owner edits the scopes and the list of clients, as the end of a sentence. */
export interface Place {
  readonly scopes: string;
  readonly clients: string;
  /** What grants the scope to a client that is listed. */
  readonly grant: string;
  /** How a client is listed with the scope. */
  readonly withScope: string;
}

/** The place for an agent with an app registration of its own. */
export const APP_REGISTRATION: Place = {
  scopes: "under Expose an API",
  clients: "under Expose an API, Authorized client applications",
  grant: "select access_as_client in the entry",
  withScope: "with access_as_client selected",
};

/** The place for this identity: the agent's own app registration, or the blueprint's manifest. */
export function placeOf(identity: EntraIdentity<unknown> | null): Place {
  if (identity?.kind !== "agent_identity") return APP_REGISTRATION;
  const manifest = `in the manifest of the blueprint ${identity.blueprint}`;
  return {
    scopes: manifest,
    clients: `${manifest}, in preAuthorizedApplications`,
    grant: "add the id of access_as_client to the entry",
    withScope: "with the id of access_as_client",
  };
}

/**
 * The catalogue: what the agent's owner does about each denial, as the end of a sentence. Problems, the owner's view, and the
 * command line take their words from it, and `docs/problems.md` is tested against it.
 */
export const remediations: Readonly<Record<DenialCode, (place: Place, client: string) => string>> = {
  agent_not_registered: () =>
    "start the agent, so that it registers with POST /api/agent/register and its own access token",
  agent_application_not_found: () =>
    "restore it under App registrations, Deleted applications, or register the agent under the right client id",
  agent_identity_disabled: () => "enable it in the Microsoft Entra admin center under Agent identities",
  scope_not_exposed: ({ scopes }) => `add a scope named access_as_client ${scopes}, and enable it`,
  scope_disabled: ({ scopes }) => `enable the scope access_as_client ${scopes}`,
  client_not_pre_authorized: ({ clients, withScope }, client) => `add ${client} ${clients}, ${withScope}`,
  scope_not_granted: ({ grant, clients }, client) => `${grant} of ${client} ${clients}`,
};

/** What the owner of this agent does about a denial, as a sentence. */
export function remediationSentence(code: DenialCode, place: Place = APP_REGISTRATION, client = ""): string {
  return `${capitalize(remediations[code](place, client))}.`;
}

/** The beginning of a sentence. */
export function capitalize(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What the owner of an agent that opted out has to know first. */
export const ENFORCEMENT_OFF =
  "Enforcement is off: any client application may start sessions with this agent. To turn it on, register the agent again without opting out, and with its deployments, if it has any: POST /api/agent/register.";

/**
 * What the owner does to grant the scope to a client that is listed without it.
 *
 * @param isStale - whether the entry lists the id of a scope that does not exist
 */
export function grantRemediation(place: Place, client: string, isStale: boolean): string {
  const sentence = remediationSentence("scope_not_granted", place, client);
  return isStale ? `${sentence} The entry lists the id of a scope that no longer exists.` : sentence;
}
