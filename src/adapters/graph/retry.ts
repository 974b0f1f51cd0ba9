import { setTimeout as sleep } from "node:timers/promises";
import { DependencyError } from "../../domain/dependency-error.ts";
import { RateLimitError } from "../../domain/rate-limit-error.ts";
import { retryAfterMs } from "../lib/retry-after.ts";
import { type GraphAnswer, UnreadableAnswerError } from "./graph-client.ts";
import type { GraphRead } from "./graph-read.ts";

/** The statuses that Microsoft recommends to retry. */
const RETRYABLE_STATUSES = new Set([429, 503, 504]);
const FIRST_BACKOFF_MS = 100;

/** Whether a request with this response status is worth a retry. */
export function isRetryable(status: number): boolean {
  return RETRYABLE_STATUSES.has(status);
}

/**
 * Retries until there is a conclusive response. Waits as long as Graph asks for, or with exponential backoff.
 * If a wait would exceed the deadline, returns the last response or rejects with the last error.
 *
 * @param count - how many requests an attempt counts for. The caller has paid for the first attempt
 * @throws RateLimitError if the rate limit does not cover another attempt
 * @see https://learn.microsoft.com/graph/throttling
 */
export async function callWithRetry(
  call: (onSend: () => void) => Promise<GraphAnswer>,
  read: GraphRead,
  count: () => number = () => 1,
): Promise<GraphAnswer> {
  const { signal, deadline, progress, rateLimit } = read;
  const onSend = () => {
    rateLimit.markSent(count());
    progress.attempts++;
    read.readAt = new Date();
    read.requestedAt = performance.now();
  };
  for (let tries = 0; ; tries++) {
    const result = await call(onSend).catch((error: unknown) => ({ error }));
    if ("error" in result && isFinal(result.error)) throw result.error;
    // What the SDK makes of the deadline would hide why the previous attempt failed.
    if ("error" in result) signal.throwIfAborted();
    if (!("error" in result) && !isRetryable(result.status)) {
      // Graph has recovered: what fails later has another cause.
      progress.lastFailure = undefined;
      return result;
    }

    const requestedWait = "error" in result ? undefined : retryAfterMs(result.retryAfter, Date.now());
    // Half of the wait is random, so that requests that failed together are not retried together.
    const backoff = FIRST_BACKOFF_MS * 2 ** tries * (0.5 + Math.random() / 2);
    // A `Retry-After` of zero or in the past must not cause a tight loop.
    const wait = Math.max(requestedWait ?? 0, backoff);
    if (performance.now() + wait >= deadline) {
      if ("error" in result) throw result.error;
      return result;
    }
    progress.lastFailure = "error" in result ? result.error : new Error(`Graph returned ${result.status}`);
    for (let n = count(); n > 0; n--) rateLimit.acquire();
    await sleep(wait, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

/** There is no access token, the rate limit is spent, or the response would be as large the next time. */
function isFinal(error: unknown): boolean {
  if (error instanceof DependencyError || error instanceof RateLimitError) return true;
  return error instanceof UnreadableAnswerError && error.isTooLarge;
}
