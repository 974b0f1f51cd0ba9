import type { ApplicationSnapshot } from "../../domain/application-snapshot.ts";
import type { ClientId } from "../../domain/client-id.ts";
import { DependencyError } from "../../domain/dependency-error.ts";
import type { Clock } from "../../domain/ports.ts";
import { RateLimitError } from "../../domain/rate-limit-error.ts";
import type { ReadProgress } from "./graph-read.ts";
import { graphUnavailable } from "./graph-unavailable.ts";

/** A read in progress. */
export interface InFlight {
  readonly snapshot: Promise<ApplicationSnapshot>;
  readonly progress: ReadProgress;
}

/** The cache's entry for one agent. */
interface Entry {
  /** When the last read started, whether it succeeded or not. */
  requestedAt: number;
  snapshot?: ApplicationSnapshot | undefined;
  inFlight?: InFlight | undefined;
  /** Why the last read failed; `undefined` if it succeeded. */
  failure?: DependencyError | undefined;
}

/** An agent is read at most once in this time. */
const MIN_INTERVAL_MS = 1_000;

/** Holds agents' readings and reads in progress. Age is elapsed time. */
export class SnapshotCache {
  readonly #clock: Pick<Clock, "elapsed">;
  readonly #cacheMs: number;
  readonly #maxEntries: number;
  /** In the order of their last read. */
  readonly #entries = new Map<ClientId, Entry>();

  /**
   * @param maxEntries - the maximum number of agents; the least recently read are evicted first
   */
  constructor(clock: Pick<Clock, "elapsed">, cacheMs: number, maxEntries: number) {
    this.#clock = clock;
    this.#cacheMs = cacheMs;
    this.#maxEntries = maxEntries;
  }

  /** Whether a reading requested at this time has not expired. */
  isFresh(requestedAt: number): boolean {
    return this.#clock.elapsed() - requestedAt < this.#cacheMs;
  }

  /** Returns the cached reading, unless it has expired or was requested before `notBefore`. */
  get(agent: ClientId, notBefore: number): ApplicationSnapshot | undefined {
    const snapshot = this.#entries.get(agent)?.snapshot;
    if (snapshot === undefined || !this.isFresh(snapshot.requestedAt)) return undefined;
    return snapshot.requestedAt >= notBefore ? snapshot : undefined;
  }

  inFlight(agent: ClientId): InFlight | undefined {
    return this.#entries.get(agent)?.inFlight;
  }

  /** Returns the agent's last read if it started within the last second; no other may start until then. */
  recentRead(agent: ClientId): { readonly failure?: DependencyError | undefined } | undefined {
    const entry = this.#entries.get(agent);
    return entry !== undefined && this.#clock.elapsed() - entry.requestedAt < MIN_INTERVAL_MS
      ? entry
      : undefined;
  }

  /** Adds a read that has just started. */
  add(agent: ClientId, read: Promise<ApplicationSnapshot>, progress: ReadProgress): InFlight {
    const previous = this.#entries.get(agent);
    this.#entries.delete(agent);
    this.#evict();
    const entry: Entry = { requestedAt: this.#clock.elapsed(), snapshot: previous?.snapshot };
    this.#entries.set(agent, entry);
    const snapshot = read.then(
      (newest) => {
        entry.inFlight = undefined;
        entry.snapshot = newest;
        return newest;
      },
      (error: unknown) => {
        entry.inFlight = undefined;
        if (error instanceof DependencyError) entry.failure = error;
        if (error instanceof RateLimitError) {
          if (error.attempts > 0 && progress.lastFailure !== undefined) {
            entry.failure = graphUnavailable(progress.lastFailure, progress);
          } else {
            // Graph did not fail. The caller could not pay for all requests of the read: restore the previous state.
            entry.requestedAt = previous?.requestedAt ?? Number.NEGATIVE_INFINITY;
            entry.failure = previous?.failure;
          }
        }
        throw error;
      },
    );
    // Callers that wait for it handle the failure; there may be none.
    snapshot.catch(() => {});
    entry.inFlight = { snapshot, progress };
    return entry.inFlight;
  }

  #evict(): void {
    const maxAgeMs = Math.max(this.#cacheMs, MIN_INTERVAL_MS);
    for (const [agent, { inFlight, requestedAt }] of this.#entries) {
      const isOld = this.#clock.elapsed() - requestedAt >= maxAgeMs;
      // Entries are sorted: the first that stays ends the search. A read in progress is never evicted.
      if (!isOld && this.#entries.size < this.#maxEntries) return;
      if (inFlight === undefined) this.#entries.delete(agent);
    }
  }
}
