/** Why something that the service depends on could not answer. */
export type DependencyErrorCode = "directory_unavailable" | "directory_access_denied" | "storage_unavailable";

/** What is known of a failure beside its message. */
export interface DependencyErrorOptions {
  /** What happened, for the log only. */
  readonly cause?: unknown;
  /** When to try again, in seconds; rounded up to whole ones, at least 1. */
  readonly retryAfterSeconds?: number | undefined;
  /** How often the dependency was asked before giving up. */
  readonly attempts?: number;
}

/**
 * Thrown by adapters when what they speak to is down, slow, refuses or answers nonsense: never a decision,
 * always a 503.
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
