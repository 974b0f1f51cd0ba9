/** Limits the requests to Graph that a caller may cause. */
export interface GraphAllowance {
  /**
   * Takes one request from the allowance.
   *
   * @throws TooManyReadsError if none is left
   */
  take(): void;
}

/** For requests that LKPS makes on its own behalf. */
export const unlimited: GraphAllowance = { take: () => {} };
