import { setTimeout as sleep } from "node:timers/promises";
import { DependencyError } from "../../domain/dependency-error.ts";
import { retryAfterMs } from "../retry-after.ts";
import type { GraphAnswer } from "./graph-client.ts";

/** What there is to tell of asking, also when it fails. */
export interface Progress {
  /** How often Graph was asked; 0 while there was no token to ask with. */
  attempts: number;
  /** When Graph was asked last. */
  askedAt: Date;
  /** Why there was another attempt. */
  lastFailure?: unknown;
}

/** Microsoft's own list of what is worth another try; a broken connection is the other. */
const RETRIED = new Set([429, 503, 504]);
const FIRST_BACKOFF_MS = 100;

/** Whether Graph says by this status that it may answer later. */
export function isRetried(status: number): boolean {
  return RETRIED.has(status);
}

/**
 * Asks until there is an answer to go by, waiting as long as Graph asks for, or a little longer each time.
 *
 * @param deadline - on the clock of `performance.now()`: a wait that would reach it is not begun; what was answered
 *   last is the answer then
 * @see https://learn.microsoft.com/graph/throttling
 */
export async function askUntilAnswered(
  ask: (onSend: () => void) => Promise<GraphAnswer>,
  signal: AbortSignal,
  deadline: number,
  progress: Progress,
): Promise<GraphAnswer> {
  const onSend = () => {
    progress.attempts++;
    progress.askedAt = new Date();
  };
  for (let tries = 0; ; tries++) {
    const result = await ask(onSend).catch((error: unknown) => ({ error }));
    if ("error" in result && (result.error instanceof DependencyError || signal.aborted)) throw result.error;
    if (!("error" in result) && !isRetried(result.status)) return result;

    const asked = "error" in result ? undefined : retryAfterMs(result.retryAfter, Date.now());
    // Half of the wait is by chance, so that those who failed together do not come back together.
    const backoff = FIRST_BACKOFF_MS * 2 ** tries * (0.5 + Math.random() / 2);
    // A wait of nothing, or until a date that is over, must not make this a tight loop.
    const wait = Math.max(asked ?? 0, backoff);
    if (performance.now() + wait >= deadline) {
      if ("error" in result) throw result.error;
      return result;
    }
    progress.lastFailure = "error" in result ? result.error : new Error(`Graph answered ${result.status}`);
    await sleep(wait, undefined, { signal });
  }
}
