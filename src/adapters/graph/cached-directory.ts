import type { ApplicationSnapshot, ReadFailure } from "../../domain/application-snapshot.ts";
import type { ClientId } from "../../domain/client-id.ts";
import { DependencyError } from "../../domain/dependency-error.ts";
import type { GraphRateLimit } from "../../domain/graph-rate-limit.ts";
import type { ApplicationDirectory, Clock } from "../../domain/ports.ts";
import { RateLimitError } from "../../domain/rate-limit-error.ts";
import type { ApplicationReader } from "./application-reader.ts";
import type { ReadProgress } from "./graph-read.ts";
import { graphUnavailable } from "./graph-unavailable.ts";
import { type InFlight, SnapshotCache } from "./snapshot-cache.ts";
import { asReadFailure, missingResult, payFor } from "./uncached-directory.ts";

/** The settings of the cache. */
export interface CacheSettings {
  /** At least 1. For no cache, use `uncachedDirectory`. */
  readonly cacheSeconds: number;
  /** The time limit of one read. Each caller waits only until its own deadline. */
  readonly timeoutMs: number;
  /** Waits for `promise` until `deadline`, then resolves to `undefined`. */
  readonly waitUntil: <T>(deadline: number, promise: Promise<T>) => Promise<T | undefined>;
  /** The maximum number of cached agents; the least recently read are evicted first. */
  readonly maxEntries: number;
}

/**
 * Caches readings for `cacheSeconds` of elapsed time, measured from the request to Graph. A newer reading
 * replaces an older one at once. Concurrent callers share a read. Each agent is read at most once a second,
 * failed reads included: within that second, a caller that needs a newer reading gets the last failure at
 * once.
 */
export function cachedDirectory(
  reader: ApplicationReader,
  clock: Pick<Clock, "elapsed">,
  settings: CacheSettings,
): ApplicationDirectory {
  const { timeoutMs, waitUntil, maxEntries } = settings;
  const cache = new SnapshotCache(clock, settings.cacheSeconds * 1_000, maxEntries);

  const limitsOf = (rateLimit: GraphRateLimit) => ({ deadline: clock.elapsed() + timeoutMs, rateLimit });
  const timedOut = (progress: ReadProgress) =>
    graphUnavailable(new Error(`No response within ${timeoutMs} ms`), progress);
  const startRead = (agent: ClientId, rateLimit: GraphRateLimit): InFlight => {
    rateLimit.acquire();
    const progress: ReadProgress = { attempts: 0 };
    return cache.add(agent, reader.read(agent, limitsOf(rateLimit), progress), progress);
  };

  const read: ApplicationDirectory["read"] = async (
    agent,
    { deadline, rateLimit },
    notBefore = Number.NEGATIVE_INFINITY,
  ) => {
    let attempts = 0;
    for (;;) {
      const cached = cache.get(agent, notBefore);
      if (cached !== undefined) return { ...cached, source: "cache", attempts };
      const joined = cache.inFlight(agent);
      const recent = joined === undefined ? cache.recentRead(agent) : undefined;
      if (recent !== undefined) throw readTooRecently(recent.failure);
      // A read that its caller can't wait for would only use up the rate limit.
      if (joined === undefined && clock.elapsed() >= deadline) throw timedOut({ attempts });

      const { snapshot, progress } = joined ?? startRead(agent, rateLimit);
      const awaited = joined === undefined ? snapshot : snapshot.catch(nullIfRateLimitSpent);
      const newest = await waitUntil(deadline, awaited);
      if (newest === undefined) throw timedOut({ ...progress, attempts: attempts + progress.attempts });
      attempts += newest?.attempts ?? progress.attempts;
      // A shared read may have failed because its caller ran out of rate limit, or may have expired by now.
      // Then try again.
      if (newest === null || (joined !== undefined && !cache.isFresh(newest.requestedAt))) continue;
      if (newest.requestedAt >= notBefore) return { ...newest, attempts };
    }
  };

  return {
    read,
    readMany: async (agents, limits, notBefore = Number.NEGATIVE_INFINITY) => {
      const isMissing = (agent: ClientId) =>
        cache.get(agent, notBefore) === undefined &&
        cache.inFlight(agent) === undefined &&
        cache.recentRead(agent) === undefined;
      const own = async ({ snapshot, progress }: InFlight) => {
        const newest = await waitUntil(limits.deadline, snapshot);
        if (newest === undefined) throw timedOut(progress);
        return newest;
      };
      const results = new Map<ClientId, Promise<ApplicationSnapshot | ReadFailure>>();
      for (let rest = agents.filter(isMissing); rest.length > 0 && clock.elapsed() < limits.deadline; ) {
        const part = payFor(rest, limits.rateLimit);
        if (part instanceof RateLimitError) break;
        const progress: ReadProgress = { attempts: 0 };
        const snapshots = reader.readMany(part, limitsOf(limits.rateLimit), progress);
        for (const agent of part) {
          const started = cache.add(agent, snapshots.get(agent) ?? Promise.reject(missingResult()), progress);
          results.set(agent, own(started).catch(asReadFailure));
        }
        rest = rest.slice(part.length);
        // How much of the rate limit is left is known only after these reads have finished.
        if (rest.length > 0) await waitUntil(limits.deadline, Promise.allSettled(results.values()));
        // Others may have read or requested some of them meanwhile.
        rest = rest.filter(isMissing);
      }
      const all = agents.map(
        async (agent) =>
          [agent, await (results.get(agent) ?? read(agent, limits, notBefore).catch(asReadFailure))] as const,
      );
      return new Map(await Promise.all(all));
    },
  };
}

function nullIfRateLimitSpent(error: unknown): null {
  if (error instanceof RateLimitError) return null;
  throw error;
}

function readTooRecently(failure: DependencyError | undefined): DependencyError {
  return new DependencyError(
    failure?.code ?? "directory_unavailable",
    "The last read of the application, less than a second ago, failed",
    { cause: failure, retryAfterSeconds: failure?.retryAfterSeconds },
  );
}
