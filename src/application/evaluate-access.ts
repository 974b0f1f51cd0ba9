import { type ClientId, parseClientId } from "../domain/client-id.ts";
import type { Basis, Check, DenialCode } from "../domain/decision.ts";
import type { DecisionRecord } from "../domain/decision-record.ts";
import { type AuthorizePorts, authorize } from "./authorize.ts";
import type { UseCaseContext } from "./use-case-context.ts";

/** The only types that LKPS decides about. */
export const SUBJECT_TYPE = "client_application" as const;
const ACTION_NAME = "access_as_client";
export const RESOURCE_TYPE = "agent" as const;

/** An AuthZEN evaluation: may this subject perform this action on this resource? */
export interface Evaluation {
  readonly subject: { readonly type: string; readonly id: string };
  readonly action: { readonly name: string };
  readonly resource: { readonly type: string; readonly id: string };
}

/** The result of an evaluation, with the reason. */
export type EvaluationResult =
  | { readonly decision: true; readonly code: Basis; readonly check: null }
  | {
      readonly decision: false;
      readonly code: DenialCode | "not_applicable" | "not_your_decision";
      readonly check: Check | null;
    };

/** Whether LKPS decides about these types and this action. */
export function isApplicable(subjectType: string, actionName: string, resourceType: string): boolean {
  return subjectType === SUBJECT_TYPE && actionName === ACTION_NAME && resourceType === RESOURCE_TYPE;
}

/**
 * Makes the same decision as a session start, without starting a session. A caller can ask only about itself,
 * as the subject or as the resource.
 *
 * @throws DependencyError or TooManyReadsError if a fact is not available
 * @see https://openid.net/specs/authorization-api-1_0.html
 */
export async function evaluateAccess(
  ports: AuthorizePorts,
  caller: ClientId,
  evaluation: Evaluation,
  context: UseCaseContext,
): Promise<EvaluationResult> {
  const { record } = context;
  const { subject, action, resource } = evaluation;
  const client = parseClientId(subject.id);
  const agent = parseClientId(resource.id);
  record.client_app_id = client ?? null;
  record.agent_entra_app_id = agent ?? null;
  if (!isApplicable(subject.type, action.name, resource.type)) {
    return note(record, "denied", { decision: false, code: "not_applicable", check: null });
  }
  if (client === undefined || agent === undefined || (caller !== client && caller !== agent)) {
    return note(record, "rejected", { decision: false, code: "not_your_decision", check: null });
  }
  const decision = await authorize(ports, agent, client, context);
  return decision.allowed
    ? note(record, "allowed", { decision: true, code: decision.permit.basis, check: null })
    : note(record, "denied", { decision: false, code: decision.code, check: decision.check });
}

function note(
  record: DecisionRecord,
  outcome: "allowed" | "denied" | "rejected",
  result: EvaluationResult,
): EvaluationResult {
  record.outcome = outcome;
  record.code = result.code;
  record.check = result.check;
  return result;
}
