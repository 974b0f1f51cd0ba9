import { type ClientId, parseClientId } from "../domain/client-id.ts";
import { type Basis, type Check, codeOf, type DenialCode } from "../domain/decision.ts";
import { type AuthorizePorts, authorize } from "./authorize.ts";
import type { DecisionRecord, UseCaseContext } from "./use-case-context.ts";

/** The only types that LKPS decides about. */
const SUBJECT_TYPE = "client_application";
export const ACTION_NAME = "access_as_client";
const RESOURCE_TYPE = "agent";

/** What AuthZEN lets a caller add to an entity. LKPS ignores it. */
interface WithProperties {
  readonly properties?: Readonly<Record<string, unknown>> | undefined;
}

/** An AuthZEN subject or resource. */
export interface Entity extends WithProperties {
  readonly type: string;
  readonly id: string;
}

/** An AuthZEN action. */
export interface Action extends WithProperties {
  readonly name: string;
}

/** An AuthZEN evaluation: may this subject perform this action on this resource? */
export interface Evaluation {
  readonly subject: Entity;
  readonly action: Action;
  readonly resource: Entity;
}

/** The result of an evaluation, with the reason. */
export interface EvaluationResult {
  readonly decision: boolean;
  readonly code: Basis | DenialCode | "not_applicable" | "not_your_decision";
  readonly check: Check | null;
}

/** Whether LKPS decides about these types and this action. */
export function isApplicable(subjectType: string, actionName: string, resourceType: string): boolean {
  return subjectType === SUBJECT_TYPE && actionName === ACTION_NAME && resourceType === RESOURCE_TYPE;
}

/**
 * Makes the same decision as a session start, without starting a session. A caller can ask only about itself,
 * as the subject or as the resource.
 *
 * @throws DependencyError or RateLimitError if a fact is not available
 * @see https://openid.net/specs/authorization-api-1_0.html
 */
export async function evaluateAccess(
  ports: AuthorizePorts,
  caller: ClientId,
  { subject, action, resource }: Evaluation,
  context: UseCaseContext,
): Promise<EvaluationResult> {
  const { record } = context;
  const client = parseClientId(subject.id);
  const agent = parseClientId(resource.id);
  record.client_app_id = client ?? null;
  record.agent_entra_app_id = agent ?? null;
  if (!isApplicable(subject.type, action.name, resource.type)) {
    return withoutDecision(record, "denied", "not_applicable");
  }
  if (client === undefined || agent === undefined || (caller !== client && caller !== agent)) {
    return withoutDecision(record, "rejected", "not_your_decision");
  }
  const { decision } = await authorize(ports, agent, client, context);
  record.outcome = decision.allowed ? "allowed" : "denied";
  return {
    decision: decision.allowed,
    code: codeOf(decision),
    check: decision.allowed ? null : decision.check,
  };
}

function withoutDecision(
  record: DecisionRecord,
  outcome: "denied" | "rejected",
  code: "not_applicable" | "not_your_decision",
): EvaluationResult {
  record.outcome = outcome;
  record.code = code;
  return { decision: false, code, check: null };
}
