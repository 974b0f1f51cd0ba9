/** Limits the requests to Graph that a caller may cause. */
export interface GraphRateLimit {
  /**
   * Takes one request from the rate limit, before getting an access token or waiting for a retry.
   *
   * @throws RateLimitError if none is left
   */
  acquire(): void;
  /**
   * Makes the newest requests that were taken, one by default, count from now on: they are being sent, perhaps long
   * after they were taken.
   *
   * @throws RateLimitError if a request waited so long that it no longer counts, and none is left
   */
  markSent(count?: number): void;
  /** The number of requests that are left. */
  remaining(): number;
}

/** For requests that LKPS makes on its own behalf. */
export const unlimited: GraphRateLimit = {
  acquire: () => {},
  markSent: () => {},
  remaining: () => Number.POSITIVE_INFINITY,
};
