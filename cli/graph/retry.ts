import { CliError } from "../cli-error.ts";

/** Longer than in the service, because a person sees the progress. */
const BUDGET_MS = 8_000;
const FIRST_BACKOFF_MS = 200;
/** The statuses by which Graph asks to try again. */
const RETRIED_STATUSES: ReadonlySet<number> = new Set([429, 503, 504]);

/** What decides whether a request is tried again. */
interface Attempt {
  readonly status: number;
  /** The `Retry-After` header. */
  readonly retryAfter: string | null;
}

/** Whether Graph asks by this status to try again. */
export function isRetried({ status }: Attempt): boolean {
  return RETRIED_STATUSES.has(status);
}

/**
 * Sends a request again while Graph is throttling, unavailable or unreachable, for at most a total time. A wait that
 * would exceed it does not start: the last answer is returned, or the last error thrown.
 *
 * @param send - must respect the signal, which is aborted when the time is up
 * @param budgetMs - the total time
 * @see https://learn.microsoft.com/graph/throttling
 */
export async function retry<T extends Attempt>(
  send: (signal: AbortSignal) => Promise<T>,
  budgetMs = BUDGET_MS,
): Promise<T> {
  const controller = new AbortController();
  const deadline = performance.now() + budgetMs;
  let lastError: unknown;
  const timer = setTimeout(
    () => controller.abort(lastError ?? new Error(`there was no answer within ${budgetMs / 1_000} seconds`)),
    budgetMs,
  );
  try {
    for (let retries = 0; ; retries++) {
      const result = await send(controller.signal).catch((error: unknown) => ({ error }));
      if ("error" in result && (result.error instanceof CliError || controller.signal.aborted))
        throw result.error;
      if (!("error" in result) && !isRetried(result)) return result;

      const requested = "error" in result ? 0 : retryAfterMs(result.retryAfter);
      const wait = Math.max(requested, FIRST_BACKOFF_MS * 2 ** retries);
      if (performance.now() + wait >= deadline) {
        if ("error" in result) throw result.error;
        return result;
      }
      lastError = "error" in result ? result.error : new Error(`Graph answered ${result.status}`);
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  } finally {
    clearTimeout(timer);
  }
}

/** The wait that a `Retry-After` header asks for, in seconds or as a date (RFC 9110, section 10.2.3); 0 if none. */
function retryAfterMs(header: string | null): number {
  if (header === null) return 0;
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? 0 : ms;
}
