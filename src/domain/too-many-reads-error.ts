/** Thrown when a caller has caused as many requests to Graph as it may for now: its own 429, and nobody else's failure. */
export class TooManyReadsError extends Error {
  override readonly name = "TooManyReadsError";
  /** When the next request may be made, in whole seconds, at least 1. */
  readonly retryAfterSeconds: number;
  /** How often Graph was asked before another try could not be paid for. */
  readonly attempts: number;

  constructor(retryAfterMs: number, attempts = 0) {
    super("The caller has caused too many requests to Microsoft Graph");
    this.retryAfterSeconds = Math.max(1, Math.ceil(retryAfterMs / 1_000));
    this.attempts = attempts;
  }
}
