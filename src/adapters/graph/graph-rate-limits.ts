import type { ClientId } from "../../domain/client-id.ts";
import { type GraphRateLimit, MAX_REQUESTS_PER_AGENT, RateLimitError } from "../../domain/graph-reading.ts";
import type { Clock } from "../../domain/ports.ts";
import type { PersonId } from "../../domain/verified-token.ts";

/** The length of the window, in milliseconds. */
const WINDOW_MS = 10_000;

/**
 * Gives each caller its own rate limit: at most `limit` requests to Graph in any 10 s. This keeps one caller
 * from using up the tenant's quota. A caller that waits as long as the error says can then read a whole agent, unless
 * it causes other requests meanwhile.
 *
 * @see https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits
 */
export function graphRateLimits(
  limit: number,
  clock: Pick<Clock, "elapsed">,
): (caller: ClientId | PersonId) => GraphRateLimit {
  /** When each caller's recent requests were acquired, oldest first; callers are in the order of their last one. */
  const callers = new Map<ClientId | PersonId, number[]>();

  const recentOf = (caller: ClientId | PersonId) => {
    const times = callers.get(caller) ?? [];
    const since = clock.elapsed() - WINDOW_MS;
    const oldest = times.findIndex((at) => at > since);
    // Changed in place, because there may be thousands.
    times.splice(0, oldest === -1 ? times.length : oldest);
    return times;
  };
  const acquire = (caller: ClientId | PersonId, count: number) => {
    const now = clock.elapsed();
    const times = recentOf(caller);
    if (times.length + count > limit) {
      // With fewer, a caller that waits for one request at a time would never finish reading an agent identity.
      const needed = Math.min(limit, Math.max(count, MAX_REQUESTS_PER_AGENT));
      const lastToExpire = times[needed - (limit - times.length) - 1] ?? now;
      throw new RateLimitError(lastToExpire + WINDOW_MS - now);
    }
    callers.delete(caller);
    for (const other of callers.keys()) {
      if (recentOf(other).length > 0) break;
      callers.delete(other);
    }
    for (let n = 0; n < count; n++) times.push(now);
    callers.set(caller, times);
  };

  return (caller) => ({
    remaining: () => limit - recentOf(caller).length,
    acquire: (count = 1) => acquire(caller, count),
  });
}
