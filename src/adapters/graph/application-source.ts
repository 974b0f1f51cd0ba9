import type { ApplicationReading, ReadLimits } from "../../domain/application-reading.ts";
import type { ClientId } from "../../domain/client-id.ts";
import { DependencyError } from "../../domain/dependency-error.ts";
import { TooManyReadsError } from "../../domain/too-many-reads-error.ts";
import { readingOf } from "./application-reading.ts";
import { callBatch } from "./batch.ts";
import type { CallGraph } from "./graph-client.ts";
import { type GraphRead, type ReadProgress, readGraph, toReadFailure } from "./graph-read.ts";
import { callWithRetry } from "./retry.ts";

/** Reads applications from Microsoft Graph, without a cache. */
export interface ApplicationSource {
  /**
   * Reads one application. The caller has paid for the first request; further ones are taken from the allowance.
   *
   * @throws DependencyError `directory_unavailable` or `directory_access_denied`, or TooManyReadsError
   */
  read(agent: ClientId, limits: ReadLimits, progress: ReadProgress): Promise<ApplicationReading>;
  /** Reads at most 20 agents at once. Each result settles as soon as it is known, and rejects like {@link read}. */
  readMany(
    agents: readonly ClientId[],
    limits: ReadLimits,
    progress: ReadProgress,
  ): ReadonlyMap<ClientId, Promise<ApplicationReading>>;
}

/**
 * Creates an {@link ApplicationSource} for Microsoft Graph. The deadline of a read covers the access token,
 * all retries and their waits.
 *
 * @see https://learn.microsoft.com/graph/api/application-get
 */
export function createApplicationSource(callGraph: CallGraph): ApplicationSource {
  const readOne = async (agent: ClientId, read: GraphRead) => {
    const path = pathOf(agent);
    const answer = await callWithRetry((onSend) => callGraph({ path }, read.signal, onSend), read);
    return readingOf(answer, read);
  };
  const readMany: ApplicationSource["readMany"] = (agents, limits, progress) => {
    const readings = new Map(agents.map((agent) => [agent, Promise.withResolvers<ApplicationReading>()]));
    const failed = (error: unknown) => {
      const isOwn =
        error instanceof TooManyReadsError || (error instanceof DependencyError && error.attempts > 0);
      return isOwn ? error : toReadFailure(error, progress);
    };
    readGraph(limits, progress, async (read) => {
      const results = callBatch(callGraph, agents.map(pathOf), read, readingOf);
      for (const [n, { resolve, reject }] of [...readings.values()].entries()) {
        results[n]?.then(resolve, (error) => reject(failed(error)));
      }
      await Promise.allSettled(results);
    }).catch((error) => {
      // The deadline has passed; also ends what ignores the signal.
      for (const { reject } of readings.values()) reject(error);
    });
    return new Map([...readings].map(([agent, { promise }]) => [agent, promise]));
  };
  return {
    read: (agent, limits, progress) => readGraph(limits, progress, (read) => readOne(agent, read)),
    readMany,
  };
}

function pathOf(agent: ClientId): string {
  return `/applications(appId='${agent}')?$select=api`;
}
