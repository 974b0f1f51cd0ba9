import type { ClientId } from "../../domain/client-id.ts";
import { DependencyError } from "../../domain/dependency-error.ts";
import type { ApplicationReading, ApplicationSource } from "../../domain/ports.ts";
import { readingOf } from "./application-reading.ts";
import { askBatch } from "./batch.ts";
import type { AskGraph } from "./graph-client.ts";
import { type GraphRead, readGraph, toReadFailure } from "./graph-read.ts";
import { askUntilAnswered } from "./retry.ts";

/**
 * {@link ApplicationSource} that asks Microsoft Graph. A read, with the token, all retries and their waits, ends at its
 * deadline.
 *
 * @see https://learn.microsoft.com/graph/api/application-get
 */
export function createApplicationSource(ask: AskGraph): ApplicationSource {
  const readOne = async (agent: ClientId, read: GraphRead) => {
    const path = pathOf(agent);
    const answer = await askUntilAnswered((onSend) => ask({ path }, read.signal, onSend), read);
    return readingOf(answer, read);
  };
  const readMany: ApplicationSource["readMany"] = (agents, limits, progress) => {
    const readings = new Map(agents.map((agent) => [agent, Promise.withResolvers<ApplicationReading>()]));
    const failed = (error: unknown) =>
      error instanceof DependencyError && error.attempts > 0 ? error : toReadFailure(error, progress);
    readGraph(limits, progress, async (read) => {
      const results = askBatch(ask, agents.map(pathOf), read, readingOf);
      for (const [n, { resolve, reject }] of [...readings.values()].entries()) {
        results[n]?.then(resolve, (error) => reject(failed(error)));
      }
      await Promise.allSettled(results);
    }).catch((error) => {
      // Time is over, also for what does not heed the signal.
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
