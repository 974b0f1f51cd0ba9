import type { ApplicationReading, ReadFailure } from "../../domain/application-reading.ts";
import type { ClientId } from "../../domain/client-id.ts";
import { DependencyError } from "../../domain/dependency-error.ts";
import type { GraphAllowance } from "../../domain/graph-allowance.ts";
import type { ApplicationDirectory } from "../../domain/ports.ts";
import { TooManyReadsError } from "../../domain/too-many-reads-error.ts";
import type { ApplicationSource } from "./application-source.ts";

/** Reads Graph for every request; nothing is cached or shared. */
export function uncachedDirectory(source: ApplicationSource): ApplicationDirectory {
  return {
    read: async (agent, limits) => {
      limits.allowance.take();
      return await source.read(agent, limits, { attempts: 0 });
    },
    readMany: async (agents, limits) => {
      const { paid, refusal } = takeAllowance(agents, limits.allowance);
      const readings = paid.length === 0 ? new Map() : source.readMany(paid, limits, { attempts: 0 });
      const resultOf = async (agent: ClientId): Promise<ApplicationReading | ReadFailure> =>
        await (readings.get(agent) ?? Promise.reject(refusal ?? missingResult())).catch(asReadFailure);
      return new Map(await Promise.all(agents.map(async (agent) => [agent, await resultOf(agent)] as const)));
    },
  };
}

/**
 * Takes one request from the allowance for each agent. Returns the agents that are paid for, and the refusal
 * if the allowance ran out.
 */
export function takeAllowance(
  agents: readonly ClientId[],
  allowance: GraphAllowance,
): { readonly paid: readonly ClientId[]; readonly refusal?: TooManyReadsError } {
  for (const n of agents.keys()) {
    try {
      allowance.take();
    } catch (error) {
      if (error instanceof TooManyReadsError) return { paid: agents.slice(0, n), refusal: error };
      throw error;
    }
  }
  return { paid: agents };
}

/** Returns an error that is one agent's failure; rethrows any other. */
export function asReadFailure(error: unknown): ReadFailure {
  if (error instanceof DependencyError || error instanceof TooManyReadsError) return error;
  throw error;
}

/** Indicates a bug in an {@link ApplicationSource}. */
export function missingResult(): Error {
  return new Error("The source returned no result for an agent");
}
