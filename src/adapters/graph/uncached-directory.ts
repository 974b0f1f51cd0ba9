import type { ApplicationSnapshot, ReadFailure } from "../../domain/application-snapshot.ts";
import type { ClientId } from "../../domain/client-id.ts";
import { DependencyError } from "../../domain/dependency-error.ts";
import type { GraphRateLimit } from "../../domain/graph-rate-limit.ts";
import type { ApplicationDirectory } from "../../domain/ports.ts";
import { RateLimitError } from "../../domain/rate-limit-error.ts";
import type { ApplicationReader } from "./application-reader.ts";
import { MAX_REQUESTS_PER_AGENT } from "./graph-rate-limits.ts";

/** Reads Graph for every request; nothing is cached or shared. */
export function uncachedDirectory(reader: ApplicationReader): ApplicationDirectory {
  return {
    read: async (agent, limits) => {
      limits.rateLimit.acquire();
      return await reader.read(agent, limits, { attempts: 0 });
    },
    readMany: async (agents, limits) => {
      const results = new Map<ClientId, ApplicationSnapshot | ReadFailure>();
      for (let rest = agents; rest.length > 0; ) {
        const part = payFor(rest, limits.rateLimit);
        if (part instanceof RateLimitError) {
          for (const agent of rest) results.set(agent, part);
          break;
        }
        const snapshots = reader.readMany(part, limits, { attempts: 0 });
        const resultOf = (agent: ClientId) =>
          (snapshots.get(agent) ?? Promise.reject(missingResult())).catch(asReadFailure);
        const read = await Promise.all(part.map(async (agent) => [agent, await resultOf(agent)] as const));
        for (const [agent, result] of read) results.set(agent, result);
        rest = rest.slice(part.length);
      }
      return results;
    },
  };
}

/**
 * Takes one request from the rate limit for each of the first agents: as many as can be read completely with what is
 * left, but at least one. So a caller with little left still makes progress.
 */
export function payFor(
  agents: readonly ClientId[],
  rateLimit: GraphRateLimit,
): readonly ClientId[] | RateLimitError {
  const count = Math.max(1, Math.floor(rateLimit.remaining() / MAX_REQUESTS_PER_AGENT));
  const part = agents.slice(0, count);
  try {
    for (const _ of part) rateLimit.acquire();
    return part;
  } catch (error) {
    if (error instanceof RateLimitError) return error;
    throw error;
  }
}

/** Returns an error that is one agent's failure; rethrows any other. */
export function asReadFailure(error: unknown): ReadFailure {
  if (error instanceof DependencyError || error instanceof RateLimitError) return error;
  throw error;
}

/** Indicates a bug in an {@link ApplicationReader}. */
export function missingResult(): Error {
  return new Error("The reader returned no result for an agent");
}
