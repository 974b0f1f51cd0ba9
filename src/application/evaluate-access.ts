import { type ClientId, parseClientId } from "../domain/client-id.ts";
import type { Basis, Check, DenialCode } from "../domain/decision.ts";
import type { DecisionRecord } from "../domain/decision-record.ts";
import { type AuthorizePorts, authorize } from "./authorize.ts";
import type { DecisionContext } from "./decision-context.ts";

/** The kinds of things that LKPS decides about; it knows nothing of others. */
export const SUBJECT_TYPE = "client_application" as const;
const ACTION_NAME = "access_as_client";
export const RESOURCE_TYPE = "agent" as const;

/** A question in the words of AuthZEN: may this subject do this to this resource? */
export interface Evaluation {
  readonly subject: { readonly type: string; readonly id: string };
  readonly action: { readonly name: string };
  readonly resource: { readonly type: string; readonly id: string };
}

/** The answer to an evaluation, with the reason. */
export type EvaluationResult =
  | { readonly decision: true; readonly code: Basis; readonly check: null }
  | {
      readonly decision: false;
      readonly code: DenialCode | "not_applicable" | "not_your_decision";
      readonly check: Check | null;
    };

/** Whether the types and the action of a question are those that LKPS decides about. */
export function isApplicable(subjectType: string, actionName: string, resourceType: string): boolean {
  return subjectType === SUBJECT_TYPE && actionName === ACTION_NAME && resourceType === RESOURCE_TYPE;
}

/**
 * Decides as a start would, without a session. A caller learns of itself only: it must be the subject or the resource.
 *
 * @throws DependencyError or TooManyReadsError if a fact cannot be had
 * @see https://openid.net/specs/authorization-api-1_0.html
 */
export async function evaluateAccess(
  ports: AuthorizePorts,
  caller: ClientId,
  evaluation: Evaluation,
  context: DecisionContext,
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
