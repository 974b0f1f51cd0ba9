import { DependencyError } from "../../domain/dependency-error.ts";

/** Thrown by {@link withTimeout} when the time is over. */
export class TimeoutError extends Error {
  override readonly name = "TimeoutError";
}

/**
 * Aborts the operation's signal after `timeoutMs` milliseconds and rejects. The race enforces the limit,
 * because SDKs ignore the signal in places, most of all between retries.
 *
 * @param limitMs - the time limit that the error names, if this is the rest of one
 * @throws TimeoutError `No response within … ms` if the time runs out. If the operation ends with its signal and throws a
 *   DependencyError, that one: it says what the operation was waiting for
 */
export async function withTimeout<T>(
  timeoutMs: number,
  operation: (signal: AbortSignal) => Promise<T>,
  limitMs = timeoutMs,
): Promise<T> {
  const controller = new AbortController();
  const { signal } = controller;
  let timer: NodeJS.Timeout | undefined;
  const timeIsOver = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new TimeoutError(`No response within ${limitMs} ms`);
      controller.abort(error);
      // Leaves the operation one turn to end with its signal.
      setImmediate(reject, error);
    }, timeoutMs);
  });
  try {
    return await Promise.race([operation(signal), timeIsOver]);
  } catch (error) {
    throw signal.aborted && !(error instanceof DependencyError) ? signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for `promise` until the signal is aborted, then rejects with its reason. */
export async function untilAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  // If the signal is aborted already, nobody else handles its failure.
  promise.catch(() => {});
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort);
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
