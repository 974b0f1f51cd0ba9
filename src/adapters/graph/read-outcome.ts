import { DependencyError } from "../../domain/dependency-error.ts";
import { RateLimitError } from "../../domain/graph-rate-limit.ts";
import { retryAfterMs } from "../lib/http-response.ts";
import type { GraphResponse, ReadProgress } from "./graph-client.ts";
import { errorCodeOf, isNotFound } from "./graph-shapes.ts";

/** What an operator must do if Graph, or the platform, rejects the app's identity. */
export const PERMISSION_HELP =
  "the app's managed identity needs the application permission Application.Read.All of Microsoft Graph, granted by an admin";

/**
 * Returns the resource in Graph's response, or `null` if Graph says that it does not exist.
 *
 * @throws DependencyError for every other response
 */
export function resourceIn(response: GraphResponse): unknown {
  const { status, retryAfter, json, readAt } = response;
  if (status === 200) {
    if (json == null) throw new Error("Graph's answer is not JSON");
    return json;
  }
  if (isNotFound(response)) return null;

  const message = ["Graph returned", status, errorCodeOf(json)].join(" ").trimEnd();
  if (status === 401 || status === 403) {
    throw new DependencyError("directory_access_denied", `${message}: ${PERMISSION_HELP}`);
  }
  const waitMs = retryAfterMs(retryAfter, readAt);
  const retryAfterSeconds = waitMs === undefined ? undefined : waitMs / 1_000;
  throw new DependencyError("directory_unavailable", message, { retryAfterSeconds });
}

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

/** Converts an error to the failure of a read, with the number of requests made. */
export function toReadFailure(error: unknown, progress: ReadProgress): DependencyError | RateLimitError {
  const { attempts, lastFailure } = progress;
  if (error instanceof RateLimitError) {
    const failure = lastFailure === undefined ? undefined : graphUnavailable(lastFailure, progress);
    return new RateLimitError(error.retryAfterSeconds * 1_000, attempts, failure);
  }
  if (!(error instanceof DependencyError)) return graphUnavailable(error, progress);
  const { code, message, cause, retryAfterSeconds } = error;
  return new DependencyError(code, message, { cause, retryAfterSeconds, attempts });
}
