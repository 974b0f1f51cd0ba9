import type { Clock } from "../../domain/ports.ts";

interface Entry<T, Read> {
  readonly read: Read;
  readonly startedAt: number;
  isDone: boolean;
  /** Whether no other read may start within a second of this one. */
  counts: boolean;
  /** The newest value that was read. */
  value: T | undefined;
}

/** What to keep. */
interface SharedReadsSettings {
  /** How long a value may be used after its read started, in milliseconds. */
  readonly keepMs?: number;
  /** The maximum number of keys; those read least recently are evicted first. */
  readonly maxEntries?: number;
  /** Whether a read that ended with this error counts. If not, the next one may start at once. */
  readonly counts?: (error: unknown) => boolean;
}

/** No key is read more often. */
const INTERVAL_MS = 1_000;

/**
 * Keeps what was read for each key, and which reads are in progress, so that callers share them and a key is read at most
 * once a second. Age is elapsed time.
 */
export class SharedReads<Key, T, Read extends { readonly result: Promise<T> }> {
  readonly #clock: Pick<Clock, "elapsed">;
  readonly #settings: Required<SharedReadsSettings>;
  /** In the order of their last read. */
  readonly #entries = new Map<Key, Entry<T, Read>>();

  constructor(clock: Pick<Clock, "elapsed">, settings: SharedReadsSettings = {}) {
    this.#clock = clock;
    const { keepMs = 0, maxEntries = Number.POSITIVE_INFINITY, counts = () => true } = settings;
    this.#settings = { keepMs, maxEntries, counts };
  }

  /** Returns the newest value that was read, no matter how old it is. */
  value(key: Key): T | undefined {
    return this.#entries.get(key)?.value;
  }

  /** Returns the read in progress, or the last one if it started within the last second. Until then, start no other. */
  recent(key: Key): { readonly read: Read; readonly isDone: boolean } | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || !entry.isDone) return entry;
    return entry.counts && this.#ageOf(entry) < INTERVAL_MS ? entry : undefined;
  }

  /** Adds a read that has just started. */
  start(key: Key, read: Read): Read {
    const value = this.value(key);
    this.#entries.delete(key);
    this.#evict();
    const entry = { read, startedAt: this.#clock.elapsed(), isDone: false, counts: true, value };
    this.#entries.set(key, entry);
    read.result.then(
      (newest) => Object.assign(entry, { isDone: true, value: newest }),
      (error) => Object.assign(entry, { isDone: true, counts: this.#settings.counts(error) }),
    );
    return read;
  }

  #ageOf({ startedAt }: Entry<T, Read>): number {
    return this.#clock.elapsed() - startedAt;
  }

  #evict(): void {
    const { keepMs, maxEntries } = this.#settings;
    for (const [key, entry] of this.#entries) {
      const isOld = this.#ageOf(entry) >= Math.max(keepMs, INTERVAL_MS);
      // Entries are sorted: the first that stays ends the search. A read in progress is never evicted.
      if (!isOld && this.#entries.size < maxEntries) return;
      if (entry.isDone) this.#entries.delete(key);
    }
  }
}

/**
 * Does the work for a key at most once a second. Callers within that second, or while the work is in
 * progress, share its result, including a failure.
 */
export function onceASecond<Key, T>(
  clock: Pick<Clock, "elapsed">,
): (key: Key, work: () => Promise<T>) => Promise<T> {
  const reads = new SharedReads<Key, T, { readonly result: Promise<T> }>(clock);
  return (key, work) => (reads.recent(key)?.read ?? reads.start(key, { result: work() })).result;
}
