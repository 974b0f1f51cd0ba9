import type { ClientId } from "../../domain/client-id.ts";
import type { GraphAllowance } from "../../domain/graph-allowance.ts";
import type { Clock } from "../../domain/ports.ts";
import { TooManyReadsError } from "../../domain/too-many-reads-error.ts";

/** What {@link graphAllowances} counts in, in milliseconds. */
const WINDOW_MS = 10_000;

/**
 * Gives each caller an allowance of its own: at most `limit` requests to Graph in any 10 s. So nobody spends the
 * tenant's quota for everybody else.
 *
 * @see https://learn.microsoft.com/graph/throttling-limits#identity-and-access-service-limits
 */
export function graphAllowances(
  limit: number,
  clock: Pick<Clock, "elapsed">,
): (caller: ClientId) => GraphAllowance {
  /** When each caller made the requests that count, in the order of their last ones. */
  const callers = new Map<ClientId, readonly number[]>();

  return (caller) => ({
    take: () => {
      const now = clock.elapsed();
      const counts = (at: number) => at > now - WINDOW_MS;
      const requests = callers.get(caller)?.filter(counts) ?? [];
      // There is one only where the limit is reached.
      const oldest = requests.at(-limit);
      if (oldest !== undefined) throw new TooManyReadsError(oldest + WINDOW_MS - now);
      callers.delete(caller);
      for (const [other, times] of callers) {
        if (times.some(counts)) break;
        callers.delete(other);
      }
      callers.set(caller, [...requests, now]);
    },
  });
}
