/** Limits the requests to Graph that a caller may cause. */
export interface GraphAllowance {
  /**
   * Takes one request from the allowance.
   *
   * @throws TooManyReadsError if none is left
   */
  take(): void;
  /** The number of requests that are left. */
  remaining(): number;
}

/** For requests that LKPS makes on its own behalf. */
export const unlimited: GraphAllowance = { take: () => {}, remaining: () => Number.POSITIVE_INFINITY };
