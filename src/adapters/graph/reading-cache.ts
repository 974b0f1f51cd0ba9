import type { ApplicationReading } from "../../domain/application-reading.ts";
import type { ClientId } from "../../domain/client-id.ts";
import { DependencyError } from "../../domain/dependency-error.ts";
import type { Clock } from "../../domain/ports.ts";
import { TooManyReadsError } from "../../domain/too-many-reads-error.ts";
import type { ReadProgress } from "./graph-read.ts";
import { graphUnavailable } from "./graph-unavailable.ts";

/** A read under way. */
export interface InFlight {
  readonly reading: Promise<ApplicationReading>;
  readonly progress: ReadProgress;
}

/** What is known of one agent's application. */
interface Entry {
  /** When the source was last asked, whether it answered or not. */
  requestedAt: number;
  reading?: ApplicationReading | undefined;
  inFlight?: InFlight | undefined;
  /** Why the last read failed; `undefined` if it did not. */
  failure?: DependencyError | undefined;
}

/** One agent's application is asked for at most once in this time. */
const MIN_INTERVAL_MS = 1_000;

/** What was read of agents' applications, and what is being read; ages are elapsed time. */
export class ReadingCache {
  readonly #clock: Pick<Clock, "elapsed">;
  readonly #cacheMs: number;
  readonly #maxEntries: number;
  /** In the order of asking. */
  readonly #entries = new Map<ClientId, Entry>();

  /** @param maxEntries - how many agents are kept; those asked for longest ago go first */
  constructor(clock: Pick<Clock, "elapsed">, cacheMs: number, maxEntries: number) {
    this.#clock = clock;
    this.#cacheMs = cacheMs;
    this.#maxEntries = maxEntries;
  }

  /** Whether a reading asked for then still serves. */
  isFresh(requestedAt: number): boolean {
    return this.#clock.elapsed() - requestedAt < this.#cacheMs;
  }

  /** What is kept of an agent, if it still serves and was asked for at `notBefore` or later. */
  get(agent: ClientId, notBefore: number): ApplicationReading | undefined {
    const reading = this.#entries.get(agent)?.reading;
    if (reading === undefined || !this.isFresh(reading.requestedAt)) return undefined;
    return reading.requestedAt >= notBefore ? reading : undefined;
  }

  inFlight(agent: ClientId): InFlight | undefined {
    return this.#entries.get(agent)?.inFlight;
  }

  /** The agent's last read if it began within the last second: no other may begin yet. */
  recentRead(agent: ClientId): { readonly failure?: DependencyError | undefined } | undefined {
    const entry = this.#entries.get(agent);
    return entry !== undefined && this.#clock.elapsed() - entry.requestedAt < MIN_INTERVAL_MS
      ? entry
      : undefined;
  }

  /** Enters a read that has just begun. */
  add(agent: ClientId, read: Promise<ApplicationReading>, progress: ReadProgress): InFlight {
    const previous = this.#entries.get(agent);
    this.#entries.delete(agent);
    this.#evict();
    const entry: Entry = { requestedAt: this.#clock.elapsed(), reading: previous?.reading };
    this.#entries.set(agent, entry);
    const reading = read.then(
      (newest) => {
        entry.inFlight = undefined;
        entry.reading = newest;
        return newest;
      },
      (error: unknown) => {
        entry.inFlight = undefined;
        if (error instanceof DependencyError) entry.failure = error;
        if (error instanceof TooManyReadsError) {
          if (progress.attempts > 0) entry.failure = graphUnavailable(progress.lastFailure, progress);
          else {
            // Only the one who began it could not pay: the agent was not asked for.
            entry.requestedAt = previous?.requestedAt ?? Number.NEGATIVE_INFINITY;
            entry.failure = previous?.failure;
          }
        }
        throw error;
      },
    );
    // Whoever waits for it hears of its failure; nobody may be left.
    reading.catch(() => {});
    entry.inFlight = { reading, progress };
    return entry.inFlight;
  }

  #evict(): void {
    const maxAgeMs = Math.max(this.#cacheMs, MIN_INTERVAL_MS);
    for (const [agent, { inFlight, requestedAt }] of this.#entries) {
      const isOld = this.#clock.elapsed() - requestedAt >= maxAgeMs;
      // The first that stays ends the search; one that is being read stays, and others may go in its place.
      if (!isOld && this.#entries.size < this.#maxEntries) return;
      if (inFlight === undefined) this.#entries.delete(agent);
    }
  }
}
