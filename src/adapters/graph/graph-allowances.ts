import type { ClientId } from "../../domain/client-id.ts";
import type { GraphAllowance } from "../../domain/graph-allowance.ts";
import type { Clock } from "../../domain/ports.ts";
import { TooManyReadsError } from "../../domain/too-many-reads-error.ts";

/** The length of the window, in milliseconds. */
const WINDOW_MS = 10_000;
/** For an agent identity: the application, which does not exist, the service principal, and the blueprint. */
export const MAX_REQUESTS_PER_AGENT = 3;

/** A request to Graph. */
interface CountedRequest {
  /** When it was sent, or taken if it has not been sent. */
  at: number;
}

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
  /** Each caller's recent requests, oldest first; callers are in the order of their last request. */
  const callers = new Map<ClientId, CountedRequest[]>();

  // With fewer, a caller that waits for one request at a time would never finish reading an agent identity.
  const neededAtOnce = Math.min(MAX_REQUESTS_PER_AGENT, limit);
  const recentOf = (caller: ClientId) => {
    const requests = callers.get(caller) ?? [];
    const since = clock.elapsed() - WINDOW_MS;
    const oldest = requests.findIndex(({ at }) => at > since);
    // Changed in place, because there may be thousands.
    requests.splice(0, oldest === -1 ? requests.length : oldest);
    return requests;
  };
  const add = (caller: ClientId, request: CountedRequest) => {
    const now = clock.elapsed();
    const requests = recentOf(caller);
    const lastOfNeeded = requests.length < limit ? undefined : requests[neededAtOnce - 1];
    if (lastOfNeeded !== undefined) throw new TooManyReadsError(lastOfNeeded.at + WINDOW_MS - now);
    callers.delete(caller);
    for (const other of callers.keys()) {
      if (recentOf(other).length > 0) break;
      callers.delete(other);
    }
    request.at = now;
    requests.push(request);
    callers.set(caller, requests);
  };
  const remove = (caller: ClientId, request: CountedRequest) => {
    const requests = recentOf(caller);
    const place = requests.lastIndexOf(request);
    if (place !== -1) requests.splice(place, 1);
  };

  return (caller) => {
    /** Taken and not sent. */
    const waiting: CountedRequest[] = [];
    return {
      remaining: () => limit - recentOf(caller).length,
      take: () => {
        const request = { at: clock.elapsed() };
        add(caller, request);
        waiting.push(request);
      },
      send: (count = 1) => {
        for (const request of waiting.splice(-count)) {
          remove(caller, request);
          add(caller, request);
        }
      },
    };
  };
}
