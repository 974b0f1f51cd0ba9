import type { Clock } from "../../domain/ports.ts";

/**
 * Shares work for a key while it is in progress, and afterwards for as long as it took. So work for one key takes at
 * most half of the time, no matter how many callers request it, and cheap work is hardly ever shared. A failure is
 * shared only with the callers that are waiting for it.
 */
export function shareWhileCostly<T>(
  clock: Pick<Clock, "elapsed">,
): (key: string, work: () => Promise<T>) => Promise<T> {
  const shared = new Map<string, { readonly result: Promise<T>; until: number }>();
  return (key, work) => {
    const startedAt = clock.elapsed();
    for (const [other, { until }] of shared) if (until <= startedAt) shared.delete(other);
    const earlier = shared.get(key);
    if (earlier !== undefined) return earlier.result;
    const started = { result: work(), until: Number.POSITIVE_INFINITY };
    started.result.then(
      () => {
        started.until = 2 * clock.elapsed() - startedAt;
      },
      () => {
        started.until = startedAt;
      },
    );
    shared.set(key, started);
    return started.result;
  };
}
