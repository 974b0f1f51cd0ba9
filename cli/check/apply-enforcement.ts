import type { Basis, DenialCode } from "../../src/domain/decision.ts";
import type { EnforcementResponse } from "../service/ask-enforcement.ts";
import type { CheckResult } from "./check-client.ts";
import { enforcementRemediation } from "./enforcement-remediation.ts";

/** The decision of LKPS about a client as the agent is registered now. */
export interface AppliedCheck extends CheckResult {
  /** The decision with enforcement on; the same as the decision itself if enforcement is on or unknown. */
  readonly withEnforcement: { readonly allowed: boolean; readonly code: Basis | DenialCode };
  readonly service: EnforcementResponse;
}

/**
 * Applies what LKPS said about the agent's registration to a decision for an agent with enforcement.
 *
 * @param entraUrl - the address of the local stack's Entra stand-in; `null` for a tenant
 */
export function applyEnforcement(
  result: CheckResult,
  service: EnforcementResponse,
  entraUrl: string | null,
): AppliedCheck {
  const { allowed, code } = result;
  const withEnforcement = { allowed, code };
  const asked = service !== null && "enforcement" in service ? service : null;
  const enforcement = asked?.enforcement;
  const remediation = enforcementRemediation(result.agent.agent, asked, entraUrl);
  const remediations = remediation === null ? result.remediations : [remediation, ...result.remediations];
  const applied = { ...result, withEnforcement, service, remediations };
  if (enforcement === "off") return { ...applied, allowed: true, code: "enforcement_disabled" };
  if (enforcement === "not_registered") return { ...applied, allowed: false, code: "agent_not_registered" };
  return applied;
}
