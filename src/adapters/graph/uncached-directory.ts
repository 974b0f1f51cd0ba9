import type { ApplicationReading, ReadFailure } from "../../domain/application-reading.ts";
import type { ClientId } from "../../domain/client-id.ts";
import { DependencyError } from "../../domain/dependency-error.ts";
import type { GraphAllowance } from "../../domain/graph-allowance.ts";
import type { ApplicationDirectory } from "../../domain/ports.ts";
import { TooManyReadsError } from "../../domain/too-many-reads-error.ts";
import type { ApplicationReader } from "./application-reader.ts";
import { MAX_REQUESTS_PER_AGENT } from "./graph-allowances.ts";

/** Reads Graph for every request; nothing is cached or shared. */
export function uncachedDirectory(reader: ApplicationReader): ApplicationDirectory {
  return {
    read: async (agent, limits) => {
      limits.allowance.take();
      return await reader.read(agent, limits, { attempts: 0 });
    },
    readMany: async (agents, limits) => {
      const results = new Map<ClientId, ApplicationReading | ReadFailure>();
      for (let rest = agents; rest.length > 0; ) {
        const part = payFor(rest, limits.allowance);
        if (part instanceof TooManyReadsError) {
          for (const agent of rest) results.set(agent, part);
          break;
        }
        const readings = reader.readMany(part, limits, { attempts: 0 });
        const resultOf = (agent: ClientId) =>
          (readings.get(agent) ?? Promise.reject(missingResult())).catch(asReadFailure);
        const read = await Promise.all(part.map(async (agent) => [agent, await resultOf(agent)] as const));
        for (const [agent, result] of read) results.set(agent, result);
        rest = rest.slice(part.length);
      }
      return results;
    },
  };
}

/**
 * Takes one request from the allowance for each of the first agents: as many as can be read completely with what is
 * left, but at least one. So a caller with little left still makes progress.
 */
export function payFor(
  agents: readonly ClientId[],
  allowance: GraphAllowance,
): readonly ClientId[] | TooManyReadsError {
  const count = Math.max(1, Math.floor(allowance.remaining() / MAX_REQUESTS_PER_AGENT));
  const part = agents.slice(0, count);
  try {
    for (const _ of part) allowance.take();
    return part;
  } catch (error) {
    if (error instanceof TooManyReadsError) return error;
    throw error;
  }
}

/** Returns an error that is one agent's failure; rethrows any other. */
export function asReadFailure(error: unknown): ReadFailure {
  if (error instanceof DependencyError || error instanceof TooManyReadsError) return error;
  throw error;
}

/** Indicates a bug in an {@link ApplicationReader}. */
export function missingResult(): Error {
  return new Error("The reader returned no result for an agent");
}
