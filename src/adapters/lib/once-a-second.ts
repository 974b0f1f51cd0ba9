import type { Clock } from "../../domain/ports.ts";

/** Work that was started, and when. */
interface SharedWork<T> {
  readonly result: Promise<T>;
  readonly at: number;
  isDone: boolean;
}

const INTERVAL_MS = 1_000;

/**
 * Does work for a key at most once a second: whoever asks again within the second, or while it is being done, shares its
 * result, a failure too.
 */
export function onceASecond<Key, T>(
  clock: Pick<Clock, "elapsed">,
): (key: Key, work: () => Promise<T>) => Promise<T> {
  const latest = new Map<Key, SharedWork<T>>();
  return (key, work) => {
    const now = clock.elapsed();
    for (const [old, { at, isDone }] of latest) {
      // In the order of their begin: the first that is young ends the search.
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
