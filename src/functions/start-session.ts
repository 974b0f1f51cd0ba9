import { type StartSessionPorts, startSession as start } from "../application/start-session.ts";
import { refuseUnknown, sessionRequestBody } from "../contract/session-request-body.ts";
import { toSessionRequest } from "../contract/to-session-request.ts";
import { denialCodes } from "../domain/decision.ts";
import { denialProblem, deploymentNotAllowed } from "../http/denial-problem.ts";
import { endpoint, GRAPH_PROBLEMS } from "../http/endpoint.ts";
import { invalidRequest } from "../http/json-body.ts";

interface Ports extends StartSessionPorts {
  /** The LiveKit server that the tokens are for. */
  readonly serverUrl: string;
}

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
    problems: [...denialCodes, "deployment_not_allowed", ...GRAPH_PROBLEMS],
  },
  (ports: Ports) => async (context) => {
    const { caller, body, record } = context;
    const sessionRequest = toSessionRequest(body);
    if ("invalid" in sessionRequest) return invalidRequest(sessionRequest.invalid);

    const result = await start(ports, caller, sessionRequest, context);
    if (result.kind === "deployment_not_allowed") return deploymentNotAllowed(record.decision_id);
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
