import type { Reading, ReadLimits } from "../../domain/application-snapshot.ts";
import type { Clock } from "../../domain/ports.ts";
import type { StartedRead } from "./cached-directory.ts";
import type { CallGraph, ReadProgress } from "./graph-client.ts";
import { type Get, withGraph } from "./graph-requests.ts";
import { graphUnavailable, toReadFailure } from "./read-outcome.ts";

/**
 * Acquires the first `count` requests of a read.
 *
 * @throws DependencyError or RateLimitError if there is no time, or the rate limit does not cover them. Then none counts
 */
export function acquireFirst(clock: Clock, limits: ReadLimits, count: number, progress: ReadProgress): void {
  if (clock.elapsed() >= limits.deadline)
    throw graphUnavailable(new Error("The time for all reads of the request is over"), progress);
  limits.rateLimit.acquire(count);
}

/**
 * Starts to read one agent, with `firstRequests` requests at first. The result rejects with DependencyError
 * `directory_unavailable` or `directory_access_denied`, or with RateLimitError.
 */
export function startRead<T>(
  callGraph: CallGraph,
  clock: Clock,
  limits: ReadLimits,
  firstRequests: number,
  work: (get: Get) => Promise<T>,
): StartedRead<T & Pick<Reading, "source" | "attempts">> {
  const progress: ReadProgress = { attempts: 0 };
  const read = async () => {
    try {
      acquireFirst(clock, limits, firstRequests, progress);
      const found = await withGraph(callGraph, clock, limits, progress, work);
      return { ...found, source: "graph" as const, attempts: progress.attempts };
    } catch (error) {
      throw toReadFailure(error, progress);
    }
  };
  return { result: read(), progress };
}
