import { type ProblemCode, problemTypes } from "../../src/contract/problem-types.ts";
import { checkOf, type DenialCode, denialCodes } from "../../src/domain/decision.ts";
import { DependencyError, type DependencyErrorCode } from "../../src/domain/dependency-error.ts";
import { RateLimitError } from "../../src/domain/graph-reading.ts";
import {
  denialProblem,
  deploymentNotAllowed,
  sessionLimitReached,
} from "../../src/functions/start-session.ts";
import { applicationTokenRequired, notAnOwner } from "../../src/http/caller.ts";
import type { Endpoint } from "../../src/http/endpoint.ts";
import { Problem, problemOf } from "../../src/http/problem.ts";
import { EXAMPLE } from "./example-ids.ts";
import type { Example, OperationExamples, ResponseExamples } from "./operation-examples.ts";

const descriptions: Record<number, string> = {
  400: "The request is invalid; `detail` says why.",
  401: "The caller could not be identified.",
  403: "Not allowed: `code` says why, and `detail` says whom to ask.",
  404: "Not found: `code` says what.",
  411: "The body has no `Content-Length`.",
  413: "The body is larger than 64 KiB.",
  415: "The body is not `application/json`.",
  429: "A limit is reached: `code` says which. Retry after `Retry-After`.",
  500: "An internal error. LKPS fails closed.",
  503: "A dependency of LKPS is not available. LKPS fails closed. Retry after `Retry-After`.",
};

const CALLER_PROBLEMS = ["caller_unidentified", "invalid_token", "directory_unavailable"] as const;
const BODY_PROBLEMS = [
  "invalid_request",
  "length_required",
  "body_too_large",
  "unsupported_media_type",
] as const;
// For callers that send a token, to LKPS or a gateway. They don't know about the header `client-id`.
const SEND_A_TOKEN =
  "Send one access token for LKPS, issued by Microsoft Entra ID, as Authorization: Bearer.";
const DETAILS: Partial<Record<ProblemCode, string>> = {
  caller_unidentified: SEND_A_TOKEN,
  invalid_token: SEND_A_TOKEN,
  length_required: "Send a Content-Length header: chunked bodies are not supported.",
  body_too_large: "The body can have at most 65536 bytes.",
  unsupported_media_type: "Send the body as application/json.",
  session_not_found: "The agent has no session with this id. Its list of sessions has the ids.",
};

/** The codes of an endpoint's problems: its own, and those that its caller rule, query and body imply. */
function codesOf({
  name,
  caller,
  body,
  query,
  problems = [],
}: Omit<Endpoint<never>, "handler">): Set<ProblemCode> {
  return new Set<ProblemCode>([
    ...(query !== undefined ? ["invalid_request" as const] : []),
    ...(body !== undefined ? BODY_PROBLEMS : []),
    ...problems,
    ...(caller !== "none" ? CALLER_PROBLEMS : []),
    ...(caller === "agent" ? ["application_token_required" as const] : []),
    ...(caller !== "none" || READS_FILES.includes(name) ? ["internal_error" as const] : []),
  ]);
}

// An endpoint without a caller, a body or a dependency can't fail. These read a file that is shipped with the
// app.
const READS_FILES = ["openapi", "docs"];

/** An endpoint's problems by status, each code with an example. */
export function problemResponsesOf(
  endpoint: Omit<Endpoint<never>, "handler">,
  details: OperationExamples["details"] = {},
): ResponseExamples[] {
  const problems = [...codesOf(endpoint)].map((code) => problemWith(code, details[code]));
  return [...Map.groupBy(problems, ({ status }) => status)].map(([status, same]) => ({
    status,
    description: descriptions[status] as string,
    examples: Object.fromEntries(same.map((problem) => [problem.code, exampleOf(problem)])),
  }));
}

/** The problem that an endpoint responds with, or an equal one. */
function problemWith(code: ProblemCode, detail = DETAILS[code]): Problem {
  if (detail !== undefined) return new Problem(code, { detail });
  if (code === "deployment_not_allowed") return deploymentNotAllowed(EXAMPLE.decision);
  if (code === "session_limit_reached") return sessionLimitReached(EXAMPLE.decision);
  if (code === "application_token_required") return applicationTokenRequired;
  if (code === "not_an_owner") return notAnOwner;
  if (code === "too_many_reads") return problemOf(new RateLimitError(1_000));
  if (code === "internal_error") return problemOf(new Error());
  if (denialCodes.includes(code as DenialCode)) {
    const denial = { code: code as DenialCode, check: checkOf[code as DenialCode] };
    return denialProblem(denial, EXAMPLE.decision);
  }
  if (problemTypes[code].status === 503)
    return problemOf(new DependencyError(code as DependencyErrorCode, ""));
  throw new Error(`Nothing says what an example of ${code} looks like.`);
}

function exampleOf(problem: Problem): Example {
  const value = JSON.parse(problem.toResponse(EXAMPLE.invocation).body as string);
  return { summary: value.title, value };
}
