import { setTimeout as sleep } from "node:timers/promises";
import { DependencyError } from "../../domain/dependency-error.ts";
import { retryAfterMs } from "../lib/retry-after.ts";
import { type GraphAnswer, UnreadableAnswerError } from "./graph-client.ts";
import type { GraphRead } from "./graph-read.ts";

/** Microsoft's own list of what is worth another try; a broken connection is the other. */
const RETRYABLE_STATUSES = new Set([429, 503, 504]);
const FIRST_BACKOFF_MS = 100;

/** Whether Graph says by this status that it may answer later. */
export function isRetryable(status: number): boolean {
  return RETRYABLE_STATUSES.has(status);
}

/**
 * Asks until there is an answer to go by, waiting as long as Graph asks for, or a little longer each time. A wait that
 * would reach the deadline is not begun; what was answered last is the answer then.
 *
 * @param pay - takes what another try costs from the allowance
 * @see https://learn.microsoft.com/graph/throttling
 */
export async function callWithRetry(
  call: (onSend: () => void) => Promise<GraphAnswer>,
  read: GraphRead,
  pay: () => void = () => read.allowance.take(),
): Promise<GraphAnswer> {
  const { signal, deadline, progress } = read;
  const onSend = () => {
    progress.attempts++;
    read.readAt = new Date();
    read.requestedAt = performance.now();
  };
  for (let tries = 0; ; tries++) {
    const result = await call(onSend).catch((error: unknown) => ({ error }));
    if ("error" in result && (isFinal(result.error) || signal.aborted)) throw result.error;
    if (!("error" in result) && !isRetryable(result.status)) return result;

    const requestedWait = "error" in result ? undefined : retryAfterMs(result.retryAfter, Date.now());
    // Half of the wait is by chance, so that those who failed together do not come back together.
    const backoff = FIRST_BACKOFF_MS * 2 ** tries * (0.5 + Math.random() / 2);
    // A wait of nothing, or until a date that is over, must not make this a tight loop.
    const wait = Math.max(requestedWait ?? 0, backoff);
    if (performance.now() + wait >= deadline) {
      if ("error" in result) throw result.error;
      return result;
    }
    progress.lastFailure = "error" in result ? result.error : new Error(`Graph answered ${result.status}`);
    pay();
    await sleep(wait, undefined, { signal });
  }
}

/** No token, or an answer that would be as large the next time. */
function isFinal(error: unknown): boolean {
  return error instanceof DependencyError || (error instanceof UnreadableAnswerError && error.isTooLarge);
}
