import type { Clock } from "../../domain/ports.ts";

/** Work in progress, or done within the last second. */
interface SharedWork<T> {
  readonly result: Promise<T>;
  readonly at: number;
  isDone: boolean;
}

const INTERVAL_MS = 1_000;

/**
 * Does the work for a key at most once a second. Callers within that second, or while the work is in
 * progress, share its result, including a failure.
 */
export function onceASecond<Key, T>(
  clock: Pick<Clock, "elapsed">,
): (key: Key, work: () => Promise<T>) => Promise<T> {
  const latest = new Map<Key, SharedWork<T>>();
  return (key, work) => {
    const now = clock.elapsed();
    for (const [old, { at, isDone }] of latest) {
      // Sorted by start time: the first recent one ends the search.
      if (now - at < INTERVAL_MS) break;
      if (isDone) latest.delete(old);
    }
    const shared = latest.get(key);
    if (shared !== undefined) return shared.result;
    const started: SharedWork<T> = { result: work(), at: now, isDone: false };
    const done = () => {
      started.isDone = true;
    };
    started.result.then(done, done);
    latest.set(key, started);
    return started.result;
  };
}
