import type { Clock } from "../../domain/ports.ts";
import { withTimeout } from "./timeout.ts";

/** Work that callers share while it is in progress. */
export interface SharedWork<T> {
  /** The work in progress, if there is any. */
  current(): Promise<T> | undefined;
  /**
   * Does the work, or shares it while it is in progress. If work that started before this caller came fails, or if the time
   * of the caller that started it runs out, this caller does it again, as long as it has time left.
   *
   * @throws the work's error, or that there was no response within `timeoutMs`
   */
  get(timeoutMs: number): Promise<T>;
}

interface InFlight<T> {
  readonly result: Promise<T>;
  readonly startedAt: number;
  /** Aborted when the time of the caller that started it is over. */
  readonly signal: AbortSignal;
}

/** Creates {@link SharedWork}. The work's signal is aborted when the time of the caller that started it is over. */
export function shareInFlight<T>(
  clock: Pick<Clock, "elapsed">,
  work: (signal: AbortSignal) => Promise<T>,
): SharedWork<T> {
  let inFlight: InFlight<T> | undefined;
  const start = (remainingMs: number, timeoutMs: number) => {
    const startedAt = clock.elapsed();
    const { promise: result, resolve } = Promise.withResolvers<T>();
    const operation = (signal: AbortSignal) => {
      inFlight = { result, startedAt, signal };
      return work(signal);
    };
    resolve(
      withTimeout(remainingMs, operation, timeoutMs).finally(() => {
        inFlight = undefined;
      }),
    );
    return result;
  };
  return {
    current: () => inFlight?.result,
    get: async (timeoutMs) => {
      const arrivedAt = clock.elapsed();
      const deadline = arrivedAt + timeoutMs;
      for (let remainingMs = timeoutMs; ; remainingMs = Math.floor(deadline - clock.elapsed())) {
        const joined = inFlight;
        if (joined === undefined) return await start(remainingMs, timeoutMs);
        try {
          return await withTimeout(remainingMs, () => joined.result, timeoutMs);
        } catch (error) {
          // Otherwise, all callers of an outage would repeat the work one after the other.
          const isResponse = joined.startedAt >= arrivedAt && !joined.signal.aborted;
          if (isResponse || clock.elapsed() + 1 >= deadline) throw error;
        }
      }
    },
  };
}
