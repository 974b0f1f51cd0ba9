import type { ApplicationReading, ReadFailure } from "../../domain/application-reading.ts";
import type { ClientId } from "../../domain/client-id.ts";
import { DependencyError } from "../../domain/dependency-error.ts";
import type { GraphAllowance } from "../../domain/graph-allowance.ts";
import type { ApplicationDirectory } from "../../domain/ports.ts";
import { TooManyReadsError } from "../../domain/too-many-reads-error.ts";
import type { ApplicationSource } from "./application-source.ts";

/** Reads each time, for each caller by itself. */
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

/** The first agents, as many as the allowance pays for, and why no more. */
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

/** A failure that is one agent's own; everything else is thrown on. */
export function asReadFailure(error: unknown): ReadFailure {
  if (error instanceof DependencyError || error instanceof TooManyReadsError) return error;
  throw error;
}

/** A defect of a source. */
export function missingResult(): Error {
  return new Error("The source left an agent out");
}
