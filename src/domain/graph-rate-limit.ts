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
