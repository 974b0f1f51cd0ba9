import type { Basis } from "../domain/decision.ts";
import type { DependencyErrorCode } from "../domain/dependency-error.ts";
import { type ProblemCode, problemTypes } from "./problem-types.ts";

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
