import type { ClientId } from "../../domain/client-id.ts";
import type { GraphAllowance } from "../../domain/graph-allowance.ts";
import type { Chance } from "../../domain/ports.ts";
import { TooManyReadsError } from "../../domain/too-many-reads-error.ts";

/** What {@link graphAllowances} counts in, in milliseconds. */
const WINDOW_MS = 10_000;

/** The times of a caller's last requests, as many as it may make in the window; a ring. */
interface Requests {
  readonly times: number[];
  next: number;
  last: number;
}

/**
 * Gives each caller an allowance of its own: at most `limit` requests to Graph in any 10 s. So nobody spends the
 * tenant's quota for everybody else.
 *
 * @see https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits
 */
export function graphAllowances(
  limit: number,
  chance: Pick<Chance, "elapsed">,
): (caller: ClientId) => GraphAllowance {
  const callers = new Map<ClientId, Requests>();

  const forgetIdle = (now: number) => {
    for (const [caller, { last }] of callers) {
      // In the order of their last requests.
      if (last > now - WINDOW_MS) return;
      callers.delete(caller);
    }
  };
  return (caller) => ({
    take: () => {
      const now = chance.elapsed();
      const requests = callers.get(caller) ?? { times: [], next: 0, last: now };
      const { times, next } = requests;
      const reusable = times[next];
      if (reusable !== undefined && reusable > now - WINDOW_MS) {
        throw new TooManyReadsError(reusable + WINDOW_MS - now);
      }
      times[next] = now;
      requests.next = (next + 1) % limit;
      requests.last = now;
      callers.delete(caller);
      forgetIdle(now);
      callers.set(caller, requests);
    },
  });
}
