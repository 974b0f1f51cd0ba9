import { withTimeout } from "./timeout.ts";

/** Work that callers share while it is in progress. */
export interface SharedWork<T> {
  /** The work in progress, if there is any. */
  current(): Promise<T> | undefined;
  /**
   * Does the work, or shares it while it is in progress. If work that another caller started fails, or its time runs out,
   * this caller does it again, as long as it has time left.
   *
   * @throws the work's error, or that there was no response within `timeoutMs`
   */
  get(timeoutMs: number): Promise<T>;
}

/** Creates {@link SharedWork}. The work's signal is aborted when the time of the caller that started it is over. */
export function shareInFlight<T>(work: (signal: AbortSignal) => Promise<T>): SharedWork<T> {
  let inFlight: Promise<T> | undefined;
  const start = (remainingMs: number, timeoutMs: number) => {
    inFlight = withTimeout(remainingMs, work, timeoutMs).finally(() => {
      inFlight = undefined;
    });
    return inFlight;
  };
  return {
    current: () => inFlight,
    get: async (timeoutMs) => {
      const deadline = performance.now() + timeoutMs;
      for (let remainingMs = timeoutMs; ; remainingMs = Math.floor(deadline - performance.now())) {
        const joined = inFlight;
        if (joined === undefined) return await start(remainingMs, timeoutMs);
        try {
          return await withTimeout(remainingMs, () => joined, timeoutMs);
        } catch (error) {
          if (performance.now() + 1 >= deadline) throw error;
        }
      }
    },
  };
}
