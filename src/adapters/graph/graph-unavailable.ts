import { DependencyError } from "../../domain/dependency-error.ts";
import type { ReadProgress } from "./graph-read.ts";

/** The failure of a read that got no usable response from Graph. */
export function graphUnavailable(error: unknown, { attempts, lastFailure }: ReadProgress): DependencyError {
  // If the time ran out, the failure of the previous attempt explains more than the timeout.
  const isLast = lastFailure === undefined || !(error instanceof Error) || error.cause !== undefined;
  const cause = isLast ? error : new Error(error.message, { cause: lastFailure });
  const message =
    attempts === 0
      ? "Microsoft Graph was not called: no access token was available in time"
      : "Microsoft Graph returned no usable response";
  return new DependencyError("directory_unavailable", message, { cause, attempts });
}
