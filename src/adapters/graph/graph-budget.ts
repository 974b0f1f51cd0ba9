import { DependencyError } from "../../domain/dependency-error.ts";
import { within } from "../within.ts";
import type { Progress } from "./retry.ts";

/** What is done with Graph in one go: it gets a signal, the end of its time, and where to note its progress. */
export type GraphWork<T> = (signal: AbortSignal, deadline: number, progress: Progress) => Promise<T>;

/** Runs work with Graph within `timeoutMs` altogether; whatever it fails with is a `DependencyError`. */
export function graphBudget(timeoutMs: number): <T>(work: GraphWork<T>) => Promise<T> {
  return async (work) => {
    const deadline = performance.now() + timeoutMs;
    const progress: Progress = { attempts: 0, askedAt: new Date() };
    try {
      return await within(timeoutMs, (signal) => work(signal, deadline, progress));
    } catch (error) {
      throw toDependencyError(error, progress);
    }
  };
}

/** The failure of work with Graph, with how often it was asked. */
export function toDependencyError(error: unknown, { attempts, lastFailure }: Progress): DependencyError {
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
