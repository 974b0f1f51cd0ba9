import { DependencyError } from "../../domain/dependency-error.ts";
import type { ReadLimits, ReadProgress } from "../../domain/ports.ts";
import { TooManyReadsError } from "../../domain/too-many-reads-error.ts";
import { within } from "../within.ts";

/** One read of Graph while it is under way. */
export interface GraphRead extends ReadLimits {
  /** Aborted at the deadline. */
  readonly signal: AbortSignal;
  readonly progress: ReadProgress;
  /** When Graph was asked last, on the wall clock. */
  readAt: Date;
  /** The same on the clock of `performance.now()`. */
  askedAt: number;
}

/** Reads Graph until the deadline; whatever it fails with is a `DependencyError`, or the caller's `TooManyReadsError`. */
export async function readGraph<T>(
  limits: ReadLimits,
  progress: ReadProgress,
  work: (read: GraphRead) => Promise<T>,
): Promise<T> {
  const timeoutMs = Math.max(0, Math.ceil(limits.deadline - performance.now()));
  try {
    return await within(timeoutMs, (signal) =>
      work({ ...limits, signal, progress, readAt: new Date(), askedAt: performance.now() }),
    );
  } catch (error) {
    throw toReadFailure(error, progress);
  }
}

/** The failure of a read, with how often Graph was asked. */
export function toReadFailure(error: unknown, { attempts, lastFailure }: ReadProgress) {
  if (error instanceof TooManyReadsError) return error;
  if (error instanceof DependencyError) {
    const { code, message, cause, retryAfterSeconds } = error;
    return new DependencyError(code, message, { cause, retryAfterSeconds, attempts });
  }
  // Where time ran out, what the attempts before met says more than that it did.
  const isLast = lastFailure === undefined || !(error instanceof Error) || error.cause !== undefined;
  const cause = isLast ? error : new Error(error.message, { cause: lastFailure });
  const message =
    attempts === 0
      ? "Microsoft Graph was not asked: there was no token for it in time"
      : "Microsoft Graph gave no usable answer";
  return new DependencyError("directory_unavailable", message, { cause, attempts });
}
