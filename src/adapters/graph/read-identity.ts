import type { ReadLimits } from "../../domain/application-snapshot.ts";
import type { ClientId } from "../../domain/client-id.ts";
import { agentIdentityOf, type EntraIdentity } from "../../domain/entra-identity.ts";
import { RateLimitError } from "../../domain/rate-limit-error.ts";
import type { CallGraph } from "./graph-client.ts";
import { type GraphRead, toReadFailure } from "./graph-read.ts";
import { type GraphResponse, resourceIn } from "./graph-response.ts";
import { callWithRetry } from "./retry.ts";

/** Requests a path of Graph, with retries, and resolves to a response with any status. */
export type Get = (path: string) => Promise<GraphResponse>;

/** An agent's identity, and the read that it comes from: its times are those of the first request. */
export interface IdentityRead<A> {
  /** `null` if Graph has neither an application nor an agent identity with the agent's id. */
  readonly identity: EntraIdentity<A> | null;
  readonly read: GraphRead;
}

/**
 * Reads what an agent is in Microsoft Entra ID: its application, or else its agent identity and the application of its
 * blueprint. The caller has paid for the first request; further ones are taken from the rate limit.
 *
 * @param select - the members of the application to request
 * @param parse - checks the application's shape; throws if it is wrong
 * @throws DependencyError, or RateLimitError
 * @see https://learn.microsoft.com/graph/api/application-get
 * @see https://learn.microsoft.com/graph/api/agentidentity-get
 */
export async function readIdentity<A>(
  agent: ClientId,
  select: string,
  { rateLimit }: Pick<ReadLimits, "rateLimit">,
  get: Get,
  parse: (application: unknown) => A,
): Promise<IdentityRead<A>> {
  let first: GraphRead | undefined;
  let latest: GraphRead | undefined;
  const find = async <T>(path: string, parseFound: (resource: unknown) => T): Promise<T | null> => {
    if (first !== undefined) rateLimit.acquire();
    const { answer, read } = await get(path);
    first ??= read;
    latest = read;
    const found = resourceIn(answer, read.progress.attempts);
    return found === null ? null : parseFound(found);
  };
  const findApplication = (id: ClientId) => find(applicationPath(id, select), parse);
  const findIdentity = async (): Promise<EntraIdentity<A> | null> => {
    const application = await findApplication(agent);
    if (application !== null) return { kind: "application", application };
    // No $select: Graph may refuse a property of the derived type.
    const identity = await find(`/servicePrincipals(appId='${agent}')`, agentIdentityOf);
    if (identity === null) return null;
    const { blueprint } = identity;
    return { ...identity, application: blueprint === null ? null : await findApplication(blueprint) };
  };
  try {
    const identity = await findIdentity();
    const read = { ...first, progress: latest?.progress } as GraphRead;
    return { identity, read };
  } catch (error) {
    if (latest === undefined || error instanceof RateLimitError) throw error;
    throw toReadFailure(error, latest.progress);
  }
}

/** The path of an application, with the members to request. */
export function applicationPath(clientId: ClientId, select: string): string {
  return `/applications(appId='${clientId}')?$select=${select}`;
}

/** Requests each path on its own. */
export function getAlone(callGraph: CallGraph, read: GraphRead): Get {
  return async (path) => {
    const own = { ...read };
    const answer = await callWithRetry((onSend) => callGraph({ path }, own.signal, onSend), own);
    return { answer, read: own };
  };
}
