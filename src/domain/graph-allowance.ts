/** How many requests to Graph a caller may still cause. */
export interface GraphAllowance {
  /** Takes one request. Throws `TooManyReadsError` if none is left. */
  take(): void;
}

/** For what the service asks of its own accord. */
export const unlimited: GraphAllowance = { take: () => {} };
