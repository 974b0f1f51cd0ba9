import type { ClientId } from "../../domain/client-id.ts";
import type { GraphRateLimit } from "../../domain/graph-rate-limit.ts";
import type { Clock } from "../../domain/ports.ts";
import { RateLimitError } from "../../domain/rate-limit-error.ts";

/** The length of the window, in milliseconds. */
const WINDOW_MS = 10_000;
/** For an agent identity: the application, which does not exist, the service principal, and the blueprint. */
export const MAX_REQUESTS_PER_AGENT = 3;

/**
 * Gives each caller its own rate limit: at most `limit` requests to Graph in any 10 s. This keeps one caller
 * from using up the tenant's quota. A caller that waits as long as the error says can then read a whole agent, unless
 * requests of its own were sent meanwhile.
 *
 * @see https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits
 */
export function graphRateLimits(
  limit: number,
  clock: Pick<Clock, "elapsed">,
): (caller: ClientId) => GraphRateLimit {
  /** When each caller's recent requests were sent or taken, oldest first; callers are in the order of their last one. */
  const callers = new Map<ClientId, number[]>();

  // With fewer, a caller that waits for one request at a time would never finish reading an agent identity.
  const neededAtOnce = Math.min(MAX_REQUESTS_PER_AGENT, limit);
  const recentOf = (caller: ClientId) => {
    const times = callers.get(caller) ?? [];
    const since = clock.elapsed() - WINDOW_MS;
    const oldest = times.findIndex((at) => at > since);
    // Changed in place, because there may be thousands.
    times.splice(0, oldest === -1 ? times.length : oldest);
    return times;
  };
  const add = (caller: ClientId): number => {
    const now = clock.elapsed();
    const times = recentOf(caller);
    const lastOfNeeded = times.length < limit ? undefined : times[neededAtOnce - 1];
    if (lastOfNeeded !== undefined) throw new RateLimitError(lastOfNeeded + WINDOW_MS - now);
    callers.delete(caller);
    for (const other of callers.keys()) {
      if (recentOf(other).length > 0) break;
      callers.delete(other);
    }
    times.push(now);
    callers.set(caller, times);
    return now;
  };
  const remove = (caller: ClientId, takenAt: number) => {
    const times = recentOf(caller);
    const place = times.lastIndexOf(takenAt);
    if (place !== -1) times.splice(place, 1);
  };

  return (caller) => {
    /** When requests were taken that have not been sent. */
    const waiting: number[] = [];
    return {
      remaining: () => limit - recentOf(caller).length,
      acquire: () => void waiting.push(add(caller)),
      markSent: (count = 1) => {
        for (const takenAt of waiting.splice(Math.max(0, waiting.length - count))) {
          remove(caller, takenAt);
          add(caller);
        }
      },
    };
  };
}
