/** Limits the requests to Graph that a caller may cause. */
export interface GraphAllowance {
  /**
   * Takes one request from the allowance, before it is prepared.
   *
   * @throws TooManyReadsError if none is left
   */
  take(): void;
  /**
   * Counts requests that were taken, one by default, from now on: they are being sent. Until then they may have waited for
   * an access token, or as long as Graph asked for.
   *
   * @throws TooManyReadsError if one waited so long that it has to be taken again, and none is left
   */
  send(count?: number): void;
  /** The number of requests that are left. */
  remaining(): number;
}

/** For requests that LKPS makes on its own behalf. */
export const unlimited: GraphAllowance = {
  take: () => {},
  send: () => {},
  remaining: () => Number.POSITIVE_INFINITY,
};
