import type { Check, DenialCode } from "../domain/decision.ts";
import { APP_REGISTRATION, remediations } from "../domain/remediation-catalogue.ts";
import { Problem } from "./problem.ts";

const OWNER = "Ask the agent's owner to";
const BLUEPRINT = "For an agent identity, this is done on its blueprint.";

// Says which check failed, how to fix it and who can, with the names in the portal, so that the sentence can
// be forwarded as is. Never contains ids, names or lists from the agent's configuration.
const details: Record<DenialCode, (fix: string) => string> = {
  agent_not_registered: (fix) =>
    `No agent is registered under this agent_entra_app_id. Check that it is the client id of the agent's app registration, not its object id. If it is, the agent's owner must ${fix}.`,
  agent_application_not_found: (fix) =>
    `The agent is registered, but the tenant of LKPS has no app registration or agent identity with its client id, or no blueprint for its agent identity. ${OWNER} ${fix}. If it is in another tenant, the agent needs one in the tenant of LKPS.`,
  agent_identity_disabled: (fix) =>
    `The agent's identity is disabled in Microsoft Entra ID, so nobody may start sessions with it. ${OWNER} ${fix}.`,
  scope_not_exposed: (fix) =>
    `Check 1 of 3 failed: the agent exposes no scope named exactly access_as_client (case-sensitive). ${OWNER} ${fix}. ${BLUEPRINT}`,
  scope_disabled: (fix) =>
    `Check 1 of 3 failed: the agent's scope access_as_client is disabled. ${OWNER} ${fix}. ${BLUEPRINT}`,
  client_not_pre_authorized: (fix) =>
    `Check 2 of 3 failed: your client application is not among the agent's authorized client applications. Give the agent's owner your client id, and ask them to ${fix}. ${BLUEPRINT}`,
  scope_not_granted: (fix) =>
    `Check 3 of 3 failed: your client application is among the agent's authorized client applications, but without the scope access_as_client. ${OWNER} ${fix}. ${BLUEPRINT}`,
};

/** The problem for a client that may not start a session. */
export function denialProblem(
  denial: { code: DenialCode; check: Check | null },
  decisionId: string,
): Problem {
  const remediation = remediations[denial.code](APP_REGISTRATION, "your client application");
  return new Problem(denial.code, {
    detail: details[denial.code](remediation),
    check: denial.check,
    decisionId,
  });
}

/** The problem for a client that may start sessions, but not with this deployment. Not a denial. */
export function deploymentNotAllowed(decisionId: string): Problem {
  return new Problem("deployment_not_allowed", { detail: DEPLOYMENT_NOT_ALLOWED, decisionId });
}

const DEPLOYMENT_NOT_ALLOWED =
  "Your client application may start sessions with this agent, but not with this LiveKit deployment. Ask the agent's owner to add it to deployments in the agent's registration, or start the session without a deployment.";
