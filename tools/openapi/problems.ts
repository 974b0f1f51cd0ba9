import { checkOf, type dependencyCodes } from "../../src/contract/codes.ts";
import { EXAMPLE } from "../../src/contract/example-ids.ts";
import type { ProblemCode } from "../../src/contract/problem-types.ts";
import type { DenialCode } from "../../src/domain/decision.ts";
import { DependencyError } from "../../src/domain/dependency-error.ts";
import { TooManyReadsError } from "../../src/domain/too-many-reads-error.ts";
import { applicationTokenRequired } from "../../src/http/caller.ts";
import { denialProblem } from "../../src/http/denial.ts";
import { Problem, problemOf } from "../../src/http/problem.ts";
import type { Answer, Example } from "./operation.ts";

const descriptions: Record<number, string> = {
  400: "The request is not as it must be; `detail` says why.",
  401: "LKPS cannot tell who is calling. A gateway or the Functions host that refuses first answers 401 without a body.",
  403: "Not allowed: `code` says why, and `detail` whom to ask.",
  404: "There is no such agent, or no such session.",
  411: "The body came without a `Content-Length`.",
  413: "The body has more than 64 KiB.",
  415: "The body is of another type than `application/json`.",
  429: "You have caused too many requests to Microsoft Entra ID. Try again after `Retry-After`.",
  500: "A defect of LKPS. Nobody was let in.",
  503: "Something that LKPS depends on does not answer, and so nobody was let in. Try again after `Retry-After`.",
};

/** An answer that is a problem, one for each status, from the very objects that the triggers answer with. */
export function problemAnswers(problems: readonly Problem[]): Answer[] {
  const byStatus = Map.groupBy(problems, ({ status }) => status);
  return [...byStatus].map(([status, same]) => ({
    status,
    description: descriptions[status] as string,
    schema: "Problem",
    contentType: "application/problem+json",
    examples: Object.fromEntries(same.map((problem) => [problem.code, exampleOf(problem)])),
  }));
}

function exampleOf(problem: Problem): Example {
  const value = JSON.parse(problem.toResponse(EXAMPLE.invocation).body as string);
  return { summary: value.title, value };
}

/** A problem that says this. */
export const problem = (code: ProblemCode, detail: string): Problem => new Problem(code, { detail });

/** The refusal of a session. */
export const denied = (code: DenialCode): Problem =>
  denialProblem({ code, check: checkOf[code] }, EXAMPLE.decision);

/** 503. */
const failed = (code: (typeof dependencyCodes)[number]): Problem => problemOf(new DependencyError(code, ""));

/** 500. */
export const defect = problemOf(new Error());

/**
 * What may come before anything else where LKPS asks who is calling: `withGraph` where it then asks Microsoft Graph,
 * `ofAgent` where the caller is the agent itself.
 */
export const callerProblems = (where: {
  readonly withGraph: boolean;
  readonly ofAgent: boolean;
}): Problem[] => [
  problem(
    "caller_unidentified",
    "The gateway must name the calling application: the header client-id must hold exactly one client id.",
  ),
  problem(
    "invalid_token",
    "Send one access token for LKPS, issued by Microsoft Entra ID, as Authorization: Bearer.",
  ),
  defect,
  failed("storage_unavailable"),
  // Without Graph it is the keys for the caller's access token that cannot be had.
  failed("directory_unavailable"),
  ...(where.withGraph ? [failed("directory_access_denied"), problemOf(new TooManyReadsError(1_000))] : []),
  ...(where.ofAgent ? [applicationTokenRequired] : []),
];

/** What is wrong with bodies; `invalid` is what the example of a 400 says. */
export const bodyProblems = (invalid: string): Problem[] => [
  problem("invalid_request", invalid),
  problem("length_required", "Send the body with a Content-Length, not chunked."),
  problem("body_too_large", "The body may have 65536 bytes at most."),
  problem("unsupported_media_type", "Send the body as application/json."),
];
