import type { HttpResponseInit } from "@azure/functions";
import { PROBLEMS_PAGE, type ProblemCode, problemTypes } from "../contract/problem-types.ts";
import type { Check } from "../domain/decision.ts";
import { DependencyError, type DependencyErrorCode } from "../domain/dependency-error.ts";
import { RateLimitError } from "../domain/graph-reading.ts";

/**
 * The members of a problem besides its code. They must not reveal anything about other callers or an agent's
 * configuration.
 */
export interface ProblemMembers {
  readonly detail: string;
  readonly check?: Check | null;
  readonly decisionId?: string;
  readonly retryAfterSeconds?: number;
}

/** The `WWW-Authenticate` header that a 401 must have (RFC 9110, 15.5.2; RFC 6750). */
const challenges: Partial<Record<ProblemCode, string>> = {
  caller_unidentified: "Bearer",
  invalid_token: 'Bearer error="invalid_token"',
};

/**
 * An error response: problem details (RFC 9457) with the member `code`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export class Problem {
  readonly code: ProblemCode;
  readonly status: number;
  readonly denial: boolean;
  readonly #members: ProblemMembers;

  constructor(code: ProblemCode, members: ProblemMembers) {
    const type: { status: number; denial?: true } = problemTypes[code];
    this.code = code;
    this.status = type.status;
    this.denial = type.denial === true;
    this.#members = members;
  }

  /**
   * Builds the response. `invocationId` identifies the host's log lines for it.
   *
   * @param publicBaseUrl - the URL that callers use; `""` if LKPS does not know it
   */
  toResponse(invocationId: string, publicBaseUrl = ""): HttpResponseInit {
    const { detail, check, decisionId, retryAfterSeconds } = this.#members;
    const challenge = challenges[this.code];
    const body = {
      // Relative if there is no base URL (RFC 9457, 3.1.1). The `Host` header can't serve as one: any caller
      // can set it.
      type: `${publicBaseUrl}${PROBLEMS_PAGE}#${this.code}`,
      title: problemTypes[this.code].title,
      status: this.status,
      detail,
      instance: `urn:lkps:invocation:${invocationId}`,
      code: this.code,
      ...(check != null && { check }),
      ...(decisionId !== undefined && { decision_id: decisionId }),
    };
    return {
      status: this.status,
      headers: {
        "content-type": "application/problem+json",
        ...(retryAfterSeconds !== undefined && { "retry-after": String(retryAfterSeconds) }),
        ...(challenge !== undefined && { "www-authenticate": challenge }),
      },
      body: JSON.stringify(body),
    };
  }
}

/** The outcome of a problem in the log. */
export function outcomeOf(problem: Problem): "denied" | "rejected" | "failed" {
  return problem.status >= 500 ? "failed" : problem.denial ? "denied" : "rejected";
}

const dependencyDetails: Record<DependencyErrorCode, string> = {
  directory_unavailable:
    "LKPS could not check with Microsoft Entra ID whether this is allowed, so it rejected the request. Try again later.",
  directory_access_denied:
    "LKPS is not allowed to read applications in Microsoft Entra ID. An operator must fix this; the log says how.",
  livekit_unavailable: "LKPS could not reach LiveKit's API. Try again later.",
  storage_unavailable: "LKPS could not reach its storage. Try again later.",
};

/** Converts an error to what callers may know. Its message is only logged. */
export function problemOf(error: unknown): Problem {
  if (error instanceof DependencyError) {
    const { code, retryAfterSeconds } = error;
    return new Problem(code, { detail: dependencyDetails[code], retryAfterSeconds });
  }
  if (error instanceof RateLimitError) {
    return new Problem("too_many_reads", {
      detail:
        "You have reached the limit of reads for one caller. Wait for the number of seconds in Retry-After, then try again.",
      retryAfterSeconds: error.retryAfterSeconds,
    });
  }
  return new Problem("internal_error", {
    detail: "An internal error occurred. Operators can find it in the log by `instance`.",
  });
}

const MAX_CAUSES = 8;
const MAX_LENGTH = 500;

/** Locates where an error was thrown, such as `src/config.ts:12, from src/main.ts:7`; `undefined` if unknown. */
export type LocateError = (error: Error) => string | undefined;

/**
 * The JSON log line that explains a failure to operators. For a bug it includes the location in the source.
 * `decisionId` is `null` outside a request.
 */
export function failureLine(
  decisionId: string | null,
  code: ProblemCode,
  error: unknown,
  locateError: LocateError,
): string {
  const locate = code === "internal_error" ? locateError : () => undefined;
  return JSON.stringify({ event: "failure", decision_id: decisionId, code, causes: causesOf(error, locate) });
}

/** The messages of an error and its causes, outermost first; each is one line of limited length. */
function causesOf(error: unknown, locate: LocateError): string[] {
  const causes: string[] = [];
  for (let cause = error; cause != null && causes.length < MAX_CAUSES; cause = nextCause(cause)) {
    const text = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    const place = cause instanceof Error ? locate(cause) : undefined;
    const line = text.replaceAll(/\s+/g, " ").slice(0, MAX_LENGTH);
    causes.push(place === undefined ? line : `${line} (${place})`);
  }
  return causes;
}

function nextCause(cause: unknown): unknown {
  return cause instanceof Error ? cause.cause : undefined;
}
