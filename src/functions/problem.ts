import type { HttpResponseInit } from "@azure/functions";
import type { Check, DenialCode } from "../domain/decision.ts";
import { DependencyError, type DependencyErrorCode } from "../domain/dependency-error.ts";
import { TooManyReadsError } from "../domain/too-many-reads-error.ts";

/** Every code that an error of this service can carry. */
export type ProblemCode =
  | DenialCode
  | DependencyErrorCode
  | "caller_unidentified"
  | "invalid_token"
  | "application_token_required"
  | "not_your_decision"
  | "session_not_found"
  | "invalid_request"
  | "length_required"
  | "body_too_large"
  | "unsupported_media_type"
  | "too_many_reads"
  | "internal_error";

/** The only place where a code meets a status. `denial` tells the decision's own answers from malformed requests. */
export const kinds = {
  caller_unidentified: { status: 401, title: "The caller cannot be told" },
  invalid_token: { status: 401, title: "The access token is not valid" },
  application_token_required: { status: 403, title: "The agent's own token is required" },
  not_your_decision: { status: 403, title: "The decision is about others" },
  session_not_found: { status: 404, title: "The session was not found" },
  invalid_request: { status: 400, title: "The request is not valid" },
  length_required: { status: 411, title: "A body needs a Content-Length" },
  body_too_large: { status: 413, title: "The body is too large" },
  unsupported_media_type: { status: 415, title: "The body must be JSON" },
  agent_not_registered: { status: 404, title: "The agent is not registered", denial: true },
  agent_application_not_found: { status: 403, title: "The agent has no app registration", denial: true },
  scope_not_exposed: { status: 403, title: "The agent exposes no scope access_as_client", denial: true },
  scope_disabled: { status: 403, title: "The agent's scope access_as_client is disabled", denial: true },
  client_not_pre_authorized: { status: 403, title: "The client is not pre-authorized", denial: true },
  scope_not_granted: { status: 403, title: "The client was not given access_as_client", denial: true },
  too_many_reads: { status: 429, title: "Too many reads of Microsoft Entra ID" },
  directory_unavailable: { status: 503, title: "Microsoft Entra ID does not answer" },
  directory_access_denied: { status: 503, title: "Microsoft Entra ID refuses to answer" },
  storage_unavailable: { status: 503, title: "Table Storage does not answer" },
  internal_error: { status: 500, title: "Something went wrong" },
} satisfies Record<ProblemCode, { status: number; title: string; denial?: true }>;

/** Where each code has a paragraph, under its own name: docs/problems.md, as it is served. */
export const PROBLEMS_PAGE = "/api/docs/problems.html";

/** What an error may say beside its code. Nothing of it may come from another caller or an agent's configuration. */
export interface ProblemMembers {
  readonly detail: string;
  readonly check?: Check | null;
  readonly decisionId?: string;
  readonly retryAfterSeconds?: number;
  /** The header `WWW-Authenticate`: how a caller identifies itself (RFC 6750). */
  readonly challenge?: string;
}

/**
 * An answer other than a success, as a problem of RFC 9457 with the member `code`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export class Problem {
  readonly code: ProblemCode;
  readonly status: number;
  readonly denial: boolean;
  readonly #members: ProblemMembers;

  constructor(code: ProblemCode, members: ProblemMembers) {
    const kind: { status: number; denial?: true } = kinds[code];
    this.code = code;
    this.status = kind.status;
    this.denial = kind.denial === true;
    this.#members = members;
  }

  /**
   * The response; `invocationId` lets the reader of it find the host's log lines.
   *
   * @param publicBaseUrl - the address that callers use; `""` where LKPS does not know it
   */
  toResponse(invocationId: string, publicBaseUrl = ""): HttpResponseInit {
    const { detail, check, decisionId, retryAfterSeconds, challenge } = this.#members;
    const body = {
      // Relative without a base, as RFC 9457 (3.1.1) allows, with the full path as it recommends: a client resolves it
      // against the address that it called. `Host` is no base: it is what any caller may say.
      type: `${publicBaseUrl}${PROBLEMS_PAGE}#${this.code}`,
      title: kinds[this.code].title,
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

/** How operators see an answer that is a problem. */
export function outcomeOf(problem: Problem): "denied" | "rejected" | "failed" {
  return problem.status >= 500 ? "failed" : problem.denial ? "denied" : "rejected";
}

const dependencyDetails: Record<DependencyErrorCode, string> = {
  directory_unavailable:
    "LKPS could not learn from Microsoft Entra ID whether this is allowed, so it is not. Try again later.",
  directory_access_denied:
    "LKPS may not read applications in Microsoft Entra ID. Its operators must mend this; their log says how.",
  storage_unavailable: "LKPS could not reach its storage. Try again later.",
};

/** What callers are told of something thrown: never its message, which is for the log. */
export function problemOf(error: unknown): Problem {
  if (error instanceof DependencyError) {
    const { code, retryAfterSeconds } = error;
    return new Problem(code, { detail: dependencyDetails[code], retryAfterSeconds });
  }
  if (error instanceof TooManyReadsError) {
    return new Problem("too_many_reads", {
      detail:
        "You have caused as many requests to Microsoft Entra ID as one caller may in 10 seconds. Try again after Retry-After.",
      retryAfterSeconds: error.retryAfterSeconds,
    });
  }
  return new Problem("internal_error", {
    detail: "The service has a defect. Its operators find it by the instance.",
  });
}
