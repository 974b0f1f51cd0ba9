import { type ProblemCode, problemTypes } from "../contract/problem-types.ts";
import type { Basis, Check, DenialCode } from "../domain/decision.ts";
import type { DependencyErrorCode } from "../domain/dependency-error.ts";

/** Every code of an error, in the order of the table that gives each its status. */
export const problemCodes = Object.keys(problemTypes) as [ProblemCode, ...ProblemCode[]];

/** The check that each denial failed. */
export const checkOf = {
  agent_not_registered: null,
  agent_application_not_found: null,
  scope_not_exposed: 1,
  scope_disabled: 1,
  client_not_pre_authorized: 2,
  scope_not_granted: 3,
} satisfies Record<DenialCode, Check | null>;

/** Every basis of a session. */
export const bases = ["pre_authorized", "enforcement_disabled"] as const satisfies readonly Basis[];

/** What is wrong with something that LKPS depends on. */
const dependencyCodes = [
  "storage_unavailable",
  "directory_unavailable",
  "directory_access_denied",
] as const satisfies readonly DependencyErrorCode[];

/** What an evaluation of a batch says when it failed. */
export const failureCodes = [
  ...dependencyCodes,
  "internal_error",
  "too_many_reads",
] as const satisfies readonly ProblemCode[];
