/** Why a dependency could not respond. */
export type DependencyErrorCode = "directory_unavailable" | "directory_access_denied" | "storage_unavailable";

/** Details of a failure. */
export interface DependencyErrorOptions {
  /** The cause; only logged. */
  readonly cause?: unknown;
  /** When to retry, in seconds; rounded up, at least 1. */
  readonly retryAfterSeconds?: number | undefined;
  /** The number of attempts. */
  readonly attempts?: number;
}

/**
 * Thrown by adapters if a dependency is down, slow, refuses access, or returns something invalid. It never
 * leads to a decision, always to a 503.
 */
export class DependencyError extends Error {
  override readonly name = "DependencyError";
  readonly code: DependencyErrorCode;
  readonly retryAfterSeconds: number;
  readonly attempts: number;

  constructor(code: DependencyErrorCode, message: string, options: DependencyErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryAfterSeconds = Math.max(1, Math.ceil(options.retryAfterSeconds ?? 1));
    this.attempts = options.attempts ?? 0;
  }
}
