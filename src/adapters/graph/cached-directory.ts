import type { ClientId } from "../../domain/client-id.ts";
import { DependencyError } from "../../domain/dependency-error.ts";
import {
  type GraphRateLimit,
  RateLimitError,
  type Reading,
  type ReadLimits,
} from "../../domain/graph-reading.ts";
import type { Clock, Directory } from "../../domain/ports.ts";
import { SharedReads } from "../lib/shared-reads.ts";
import { TimeoutError, withTimeout } from "../lib/timeout.ts";
import type { ReadProgress } from "./graph-client.ts";
import { graphUnavailable, timeIsOver } from "./graph-response.ts";

/** A read that has started. */
export interface StartedRead<R> {
  readonly result: Promise<R>;
  readonly progress: ReadProgress;
}

/** Starts to read agents together; see `IdentityReader`. */
export type StartReads<R> = (agents: readonly ClientId[], limits: ReadLimits) => readonly StartedRead<R>[];

/** The settings of the cache. */
export interface CacheSettings {
  /** At least 1. */
  readonly cacheSeconds: number;
  /** The time limit of one read. Each caller waits only until its own deadline. */
  readonly timeoutMs: number;
  /** The maximum number of cached agents; the least recently read are evicted first. */
  readonly maxEntries: number;
}

/**
 * Caches readings for `cacheSeconds` of elapsed time, measured from the request to Graph. A newer reading
 * replaces an older one at once. Concurrent callers share a read. Each agent is read at most once a second,
 * failed reads included: within that second, a caller that needs a newer reading gets the last failure at
 * once.
 */
export function cachedDirectory<R extends Reading>(
  startReads: StartReads<R>,
  clock: Pick<Clock, "elapsed">,
  { cacheSeconds, timeoutMs, maxEntries }: CacheSettings,
): Directory<R> {
  const cacheMs = cacheSeconds * 1_000;
  // A read that ended because its caller's rate limit was spent says nothing about Graph, unless Graph had failed before.
  const counts = (error: unknown) => !(error instanceof RateLimitError) || error.cause !== undefined;
  const reads = new SharedReads<ClientId, R, StartedRead<R>>(clock, {
    keepMs: cacheMs,
    maxEntries,
    counts,
  });

  const isFresh = ({ requestedAt }: Reading) => clock.elapsed() - requestedAt < cacheMs;
  const cachedSince = (agent: ClientId, notBefore: number): R | undefined => {
    const snapshot = reads.value(agent);
    return snapshot !== undefined && isFresh(snapshot) && snapshot.requestedAt >= notBefore
      ? snapshot
      : undefined;
  };
  const start = (agents: readonly ClientId[], rateLimit: GraphRateLimit): void => {
    const started = startReads(agents, { deadline: clock.elapsed() + timeoutMs, rateLimit });
    for (const [n, read] of started.entries()) reads.start(agents[n] as ClientId, read);
  };
  const waitFor = async ({ result, progress }: StartedRead<R>, deadline: number, earlierAttempts: number) => {
    // A millisecond more, so that the read's own error, which has more detail, comes first.
    const waitMs = Math.max(0, Math.ceil(deadline - clock.elapsed())) + 1;
    try {
      return await withTimeout(waitMs, () => result, timeoutMs);
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
      throw graphUnavailable(error, { ...progress, attempts: earlierAttempts + progress.attempts });
    }
  };

  /** @param isStarted - whether the read in progress was started for this caller */
  const read = async (
    agent: ClientId,
    { deadline, rateLimit }: ReadLimits,
    notBefore: number,
    isStarted: boolean,
  ): Promise<R> => {
    let attempts = 0;
    for (let isOwn = isStarted; ; isOwn = false) {
      const cached = cachedSince(agent, notBefore);
      if (cached !== undefined) return { ...cached, source: "cache", attempts };
      if (reads.recent(agent) === undefined) {
        // A read that its caller can't wait for would only use up the rate limit.
        if (clock.elapsed() >= deadline) throw timeIsOver({ attempts });
        start([agent], rateLimit);
        isOwn = true;
      }
      const recent = reads.recent(agent);
      if (recent === undefined) continue;
      if (recent.isDone) throw await readTooRecently(recent.read);
      try {
        const newest = await waitFor(recent.read, deadline, attempts);
        attempts += newest.attempts;
        // A shared read may have taken so long that what it read has expired.
        if ((isOwn || isFresh(newest)) && newest.requestedAt >= notBefore) return { ...newest, attempts };
      } catch (error) {
        // Another caller's rate limit was spent, not this one's.
        if (isOwn || !(error instanceof RateLimitError)) throw error;
        attempts += recent.read.progress.attempts;
      }
    }
  };

  return {
    read: (agent, limits, notBefore = Number.NEGATIVE_INFINITY) => read(agent, limits, notBefore, false),
    readMany: async (agents, limits, notBefore = Number.NEGATIVE_INFINITY) => {
      const isMissing = (agent: ClientId) =>
        cachedSince(agent, notBefore) === undefined && reads.recent(agent) === undefined;
      const missing = clock.elapsed() < limits.deadline ? agents.filter(isMissing) : [];
      if (missing.length > 0) start(missing, limits.rateLimit);
      return await Promise.allSettled(
        agents.map((agent) => read(agent, limits, notBefore, missing.includes(agent))),
      );
    },
  };
}

async function readTooRecently({ result }: StartedRead<unknown>): Promise<DependencyError> {
  const error = await result.then(
    () => undefined,
    (reason: unknown) => (reason instanceof RateLimitError ? reason.cause : reason),
  );
  const failure = error instanceof DependencyError ? error : undefined;
  return new DependencyError(
    failure?.code ?? "directory_unavailable",
    "The last read of the application, less than a second ago, failed",
    { cause: error, retryAfterSeconds: failure?.retryAfterSeconds },
  );
}
