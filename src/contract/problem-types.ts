import type { Basis, DenialCode } from "../domain/decision.ts";
import type { DependencyErrorCode } from "../domain/dependency-error.ts";

interface ProblemType {
  readonly status: number;
  readonly title: string;
  readonly denial?: true;
}

/** Maps each code to its status and title. `denial` marks the results of the decision itself. */
export const problemTypes = {
  caller_unidentified: { status: 401, title: "The caller could not be identified" },
  invalid_token: { status: 401, title: "The access token is not valid" },
  invalid_signature: { status: 401, title: "The webhook's signature is not valid" },
  application_token_required: { status: 403, title: "An application token is required" },
  not_an_owner: { status: 403, title: "You are not an owner of the agent" },
  deployment_not_allowed: { status: 403, title: "The deployment is not allowed" },
  not_your_decision: { status: 403, title: "The decision concerns another application" },
  session_not_found: { status: 404, title: "The session was not found" },
  not_found: { status: 404, title: "There is no such route" },
  invalid_request: { status: 400, title: "The request is not valid" },
  length_required: { status: 411, title: "A Content-Length is required" },
  body_too_large: { status: 413, title: "The body is too large" },
  unsupported_media_type: { status: 415, title: "The body must be JSON" },
  agent_not_registered: { status: 404, title: "The agent is not registered", denial: true },
  agent_application_not_found: { status: 403, title: "The agent is not in Microsoft Entra ID", denial: true },
  agent_identity_disabled: { status: 403, title: "The agent's identity is disabled", denial: true },
  scope_not_exposed: { status: 403, title: "The agent exposes no scope access_as_client", denial: true },
  scope_disabled: { status: 403, title: "The agent's scope access_as_client is disabled", denial: true },
  client_not_pre_authorized: { status: 403, title: "The client is not pre-authorized", denial: true },
  scope_not_granted: { status: 403, title: "The client is not granted access_as_client", denial: true },
  session_limit_reached: { status: 429, title: "The agent's limit of live sessions is reached" },
  too_many_reads: { status: 429, title: "Too many reads" },
  directory_unavailable: { status: 503, title: "Microsoft Entra ID is not available" },
  directory_access_denied: { status: 503, title: "LKPS is not allowed to read Microsoft Entra ID" },
  livekit_unavailable: { status: 503, title: "LiveKit is not available" },
  storage_unavailable: { status: 503, title: "Table Storage is not available" },
  internal_error: { status: 500, title: "Something went wrong" },
} satisfies Record<string, ProblemType> & Record<DenialCode | DependencyErrorCode, ProblemType>;

/** All problem codes. */
export type ProblemCode = keyof typeof problemTypes;

/** The page that explains each code, generated from docs/problems.md. */
export const PROBLEMS_PAGE = "/api/docs/problems.html";

/** All problem codes, in the order of {@link problemTypes}. */
export const problemCodes = Object.keys(problemTypes) as [ProblemCode, ...ProblemCode[]];

/** All bases of a session. */
export const bases = ["pre_authorized", "enforcement_disabled"] as const satisfies readonly Basis[];

/** Failures of a dependency. */
const dependencyCodes = [
  "storage_unavailable",
  "directory_unavailable",
  "directory_access_denied",
] as const satisfies readonly DependencyErrorCode[];

/** The codes of a failed evaluation in a batch. */
export const failureCodes = [
  ...dependencyCodes,
  "internal_error",
  "too_many_reads",
] as const satisfies readonly ProblemCode[];
