/** Limits the requests to Graph that a caller may cause. */
export interface GraphAllowance {
  /**
   * Takes one request from the allowance, before getting an access token or waiting for a retry.
   *
   * @throws TooManyReadsError if none is left
   */
  take(): void;
  /**
   * Makes the newest requests that were taken, one by default, count from now on: they are being sent, perhaps long
   * after they were taken.
   *
   * @throws TooManyReadsError if a request waited so long that it no longer counts, and none is left
   */
  markSent(count?: number): void;
  /** The number of requests that are left. */
  remaining(): number;
}

/** For requests that LKPS makes on its own behalf. */
export const unlimited: GraphAllowance = {
  take: () => {},
  markSent: () => {},
  remaining: () => Number.POSITIVE_INFINITY,
};
