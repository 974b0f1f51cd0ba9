/** Thrown when a caller reaches its limit of requests to Graph, or of rehearsals that wait. Leads to a 429 for that caller only. */
export class RateLimitError extends Error {
  override readonly name = "RateLimitError";
  /** When to retry, in whole seconds; at least 1. */
  readonly retryAfterSeconds: number;
  /** The number of requests to Graph before the limit was reached. */
  readonly attempts: number;

  /** @param cause - if the request was a retry, why the one before it failed */
  constructor(retryAfterMs: number, attempts = 0, cause?: unknown) {
    super("The caller has reached its limit of reads", cause === undefined ? undefined : { cause });
    this.retryAfterSeconds = Math.max(1, Math.ceil(retryAfterMs / 1_000));
    this.attempts = attempts;
  }
}
