import { type StartSessionPorts, startSession as start } from "../application/start-session.ts";
import { refuseUnknown, sessionRequestBody } from "../contract/session-request-body.ts";
import { toSessionRequest } from "../contract/to-session-request.ts";
import { type Check, type DenialCode, denialCodes } from "../domain/decision.ts";
import { APP_REGISTRATION, remediations } from "../domain/remediation-catalogue.ts";
import { endpoint, GRAPH_PROBLEMS } from "../http/endpoint.ts";
import { invalidRequest } from "../http/json-body.ts";
import { Problem } from "../http/problem.ts";
import type { Ports } from "./ports.ts";

/** `POST /api/session/start`: starts a session with an agent if the calling client is authorized. */
export const startSession = endpoint(
  {
    name: "startSession",
    method: "POST",
    route: "api/session/start",
    caller: "required",
    event: "session_start",
    documentation: {
      tag: "Sessions",
      summary: "Start a session with an agent",
      description:
        "The caller is the client application. LKPS allows it if the agent has opted out of enforcement, or if the agent's app registration, or the blueprint of its agent identity, exposes the enabled scope `access_as_client` (check 1), lists the client among its authorized client applications (check 2), and grants it that scope there (check 3).\n\nName the agent exactly once: by `agent_entra_app_id`, or in `room_config.agents`. The second form is LiveKit's standard token-endpoint body, so that `TokenSource.endpoint(url)` of any LiveKit SDK works. LKPS names the room and the participant's identity: `room_name`, `participant_identity`, and other members of `room_config` are rejected. `participant_name` can have at most 256 bytes of UTF-8; metadata, agent metadata, and attributes can have at most 4,096 bytes in total, encoded as JSON. A null counts as absent.\n\nIf the agent has several LiveKit deployments, `agent_deployment` chooses one that its owner allows.",
    },
    body: { name: "SessionRequest", schema: sessionRequestBody, refuse: refuseUnknown },
    responses: { 200: "Session" },
    problems: [...denialCodes, "deployment_not_allowed", "session_limit_reached", ...GRAPH_PROBLEMS],
  },
  (ports: StartSessionPorts & Pick<Ports, "serverUrl">) => async (context) => {
    const { caller, body, record } = context;
    const sessionRequest = toSessionRequest(body);
    if ("invalid" in sessionRequest) return invalidRequest(sessionRequest.invalid);

    const result = await start(ports, caller, sessionRequest, context);
    if (result.kind === "deployment_not_allowed") return deploymentNotAllowed(record.decision_id);
    if (result.kind === "session_limit_reached") return sessionLimitReached(record.decision_id);
    if (result.kind === "denied") return denialProblem(result.denial, record.decision_id);
    record.outcome = "session";
    const { session, participantToken } = result;
    return {
      jsonBody: {
        session_id: session.sessionId,
        server_url: ports.serverUrl,
        participant_token: participantToken,
        room_name: session.roomName,
        participant_identity: session.participantIdentity,
        agent_entra_app_id: session.agent,
        expires_at: session.expiresAt.toISOString(),
      },
    };
  },
);

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

/** The problem for a client that may start sessions, but not now. Not a denial. */
export function sessionLimitReached(decisionId: string): Problem {
  const detail =
    "The agent has as many live sessions as its owner allows, in total or for your client application. Try again when one has ended.";
  return new Problem("session_limit_reached", { detail, decisionId, retryAfterSeconds: 5 });
}

const DEPLOYMENT_NOT_ALLOWED =
  "Your client application may start sessions with this agent, but not with this LiveKit deployment. Ask the agent's owner to add it to deployments in the agent's registration, or start the session without a deployment.";
