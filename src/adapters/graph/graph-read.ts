import type { ReadLimits } from "../../domain/application-snapshot.ts";
import { DependencyError } from "../../domain/dependency-error.ts";
import { RateLimitError } from "../../domain/rate-limit-error.ts";
import { withTimeout } from "../lib/timeout.ts";
import { graphUnavailable } from "./graph-unavailable.ts";

/** The state of a read of Graph. */
export interface ReadProgress {
  /** The number of requests sent to Graph; 0 while there is no access token. */
  attempts: number;
  /** Why the last attempt was retried. */
  lastFailure?: unknown;
}

/** A read of Graph in progress. */
export interface GraphRead extends ReadLimits {
  /** Aborted at the deadline. */
  readonly signal: AbortSignal;
  readonly progress: ReadProgress;
  /** Wall-clock time of the last request to Graph. */
  readAt: Date;
  /** The same moment on the clock of `performance.now()`. */
  requestedAt: number;
}

/** Runs a read of Graph until its deadline. Rejects only with `DependencyError` or `RateLimitError`. */
export async function readGraph<T>(
  limits: ReadLimits,
  progress: ReadProgress,
  work: (read: GraphRead) => Promise<T>,
): Promise<T> {
  const timeoutMs = Math.max(0, Math.ceil(limits.deadline - performance.now()));
  try {
    return await withTimeout(timeoutMs, (signal) =>
      work({ ...limits, signal, progress, readAt: new Date(), requestedAt: performance.now() }),
    );
  } catch (error) {
    throw toReadFailure(error, progress);
  }
}

/** Converts an error to the failure of a read, with the number of requests made. */
export function toReadFailure(error: unknown, progress: ReadProgress) {
  if (error instanceof RateLimitError) {
    return new RateLimitError(error.retryAfterSeconds * 1_000, progress.attempts);
  }
  if (!(error instanceof DependencyError)) return graphUnavailable(error, progress);
  const { code, message, cause, retryAfterSeconds } = error;
  return new DependencyError(code, message, { cause, retryAfterSeconds, attempts: progress.attempts });
}
