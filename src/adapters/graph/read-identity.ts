import type { EntraIdentity } from "../../domain/application.ts";
import type { ClientId } from "../../domain/client-id.ts";
import { agentIdentityOf } from "./graph-response.ts";

/** Reads one resource and parses it; `null` if Graph says that it does not exist. */
export type Find = <T>(path: string, parse: (resource: unknown) => T) => Promise<T | null>;

/**
 * Reads what an agent is in Microsoft Entra ID, one request after the other: its application, or else its agent identity
 * and the application of its blueprint. `null` if Graph has neither.
 *
 * @param select - the members of the application to request
 * @param parse - checks the application's shape; throws if it is wrong
 * @see https://learn.microsoft.com/graph/api/application-get
 * @see https://learn.microsoft.com/graph/api/agentidentity-get
 */
export async function readIdentity<A>(
  agent: ClientId,
  select: string,
  find: Find,
  parse: (application: unknown) => A,
): Promise<EntraIdentity<A> | null> {
  const application = await find(applicationPath(agent, select), parse);
  if (application !== null) return { kind: "application", application };
  // No $select: Graph may refuse a property of the derived type.
  const identity = await find(`/servicePrincipals(appId='${agent}')`, agentIdentityOf);
  if (identity === null) return null;
  const { blueprint } = identity;
  const shared = blueprint === null ? null : await find(applicationPath(blueprint, select), parse);
  return { ...identity, application: shared };
}

/** The path of an application, with the members to request. */
export function applicationPath(clientId: ClientId, select: string): string {
  return `/applications(appId='${clientId}')?$select=${select}`;
}
