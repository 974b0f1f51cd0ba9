import type { ClientId } from "../../domain/client-id.ts";
import type { GraphAllowance } from "../../domain/graph-allowance.ts";
import type { Clock } from "../../domain/ports.ts";
import { TooManyReadsError } from "../../domain/too-many-reads-error.ts";

/** The length of the window, in milliseconds. */
const WINDOW_MS = 10_000;
/** For an agent identity: the application, which does not exist, the service principal, and the blueprint. */
export const MAX_REQUESTS_PER_AGENT = 3;

/**
 * Gives each caller its own allowance: at most `limit` requests to Graph in any 10 s. This keeps one caller
 * from using up the tenant's quota. A caller that waits as long as the error says can then read a whole agent.
 *
 * @see https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits
 */
export function graphAllowances(
  limit: number,
  clock: Pick<Clock, "elapsed">,
): (caller: ClientId) => GraphAllowance {
  /** Each caller's recent requests; callers are in the order of their last request. */
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

  return (caller) => ({
    remaining: () => limit - recentOf(caller).length,
    take: () => {
      const now = clock.elapsed();
      const requests = recentOf(caller);
      const lastOfNeeded = requests.length < limit ? undefined : requests[neededAtOnce - 1];
      if (lastOfNeeded !== undefined) throw new TooManyReadsError(lastOfNeeded + WINDOW_MS - now);
      callers.delete(caller);
      for (const other of callers.keys()) {
        if (recentOf(other).length > 0) break;
        callers.delete(other);
      }
      requests.push(now);
      callers.set(caller, requests);
    },
  });
}
