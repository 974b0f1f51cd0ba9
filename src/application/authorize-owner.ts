import { type ClientId, parseClientId } from "../domain/client-id.ts";
import type { GraphRateLimit } from "../domain/graph-reading.ts";
import type { AgentOwnerDirectory, Clock } from "../domain/ports.ts";
import { type PersonId, personOf, type VerifiedToken } from "../domain/verified-token.ts";
import { denyNotBefore, readLimits } from "./use-case-context.ts";

/** What {@link authorizeOwner} needs. */
export interface AuthorizeOwnerPorts {
  readonly consoleClientId: ClientId;
  readonly agentOwners: AgentOwnerDirectory;
  readonly rateLimitOf: (caller: ClientId | PersonId) => GraphRateLimit;
  readonly clock: Pick<Clock, "elapsed">;
  readonly graphTimeoutMs: number;
}

/** The agent that the caller may act for, and whose rate limit its reads count against. */
interface OwnedAgent {
  readonly agent: ClientId;
  readonly rateLimit: GraphRateLimit;
}

/**
 * Decides whether a caller may act for an agent: the agent itself, or a person who owns it. Nothing else about the agent
 * is read before. A person is refused in the same way whether there is such an agent or not.
 *
 * @param agentId - as in the URL
 * @returns `undefined` if the caller may not
 * @throws DependencyError or RateLimitError if the owners can't be read
 */
export type AuthorizeOwner = (
  caller: VerifiedToken,
  agentId: unknown,
  arrivedAt: number,
) => Promise<OwnedAgent | undefined>;

/** Creates {@link AuthorizeOwner}. */
export function createAuthorizeOwner(ports: AuthorizeOwnerPorts): AuthorizeOwner {
  return async (caller, agentId, arrivedAt) => {
    const agent = parseClientId(agentId);
    if (agent === undefined) return undefined;
    if (caller.isApplicationToken && caller.clientId === agent)
      return { agent, rateLimit: ports.rateLimitOf(agent) };
    const person = personOf(caller, ports.consoleClientId);
    if (person === undefined) return undefined;
    // By person: everybody who uses the console has the same client id.
    const rateLimit = ports.rateLimitOf(person);
    const limits = readLimits(ports, { rateLimit });
    const notBefore = denyNotBefore({ arrivedAt });
    // As for a client: a cached reading may allow, and before a refusal one that is too old is read again.
    let reading = await ports.agentOwners.read(agent, limits);
    if (!reading.owners.has(person) && reading.requestedAt < notBefore)
      reading = await ports.agentOwners.read(agent, limits, notBefore);
    return reading.owners.has(person) ? { agent, rateLimit } : undefined;
  };
}
