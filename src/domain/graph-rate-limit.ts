/** For an agent identity: the application, which does not exist, the service principal, and the blueprint. */
export const MAX_REQUESTS_PER_AGENT = 3;

/** Limits the requests to Graph that a caller may cause. */
export interface GraphRateLimit {
  /**
   * Counts requests, one by default, from now on, even if they are sent later. Call it before they are sent.
   *
   * @throws RateLimitError if they would exceed the limit; then none of them counts
   */
  acquire(count?: number): void;
  /** The number of requests that are left. */
  remaining(): number;
}

/** For requests that LKPS makes on its own behalf. */
export const unlimited: GraphRateLimit = {
  acquire: () => {},
  remaining: () => Number.POSITIVE_INFINITY,
};

/** Thrown when a caller reaches its limit of requests to Graph, or of rehearsals that wait. Leads to a 429 for that caller only. */
export class RateLimitError extends Error {
  override readonly name = "RateLimitError";
  /** When to retry, in whole seconds; at least 1. */
  readonly retryAfterSeconds: number;
  /** The number of requests to Graph before the limit was reached. */
  readonly attempts: number;

  /** @param cause - if the request was a retry, why the one before it failed */
  constructor(retryAfterMs: number, attempts = 0, cause?: unknown) {
    super("The caller has reached its limit of reads", { cause });
    this.retryAfterSeconds = Math.max(1, Math.ceil(retryAfterMs / 1_000));
    this.attempts = attempts;
  }
}
