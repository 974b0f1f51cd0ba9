import { type StartSessionPorts, startSession as start } from "../application/start-session.ts";
import { refuseUnknown, sessionRequestBody, toSessionRequest } from "../contract/session-request-body.ts";
import { denialProblem } from "../http/denial.ts";
import type { HttpTrigger } from "../http/endpoint.ts";
import { invalidRequest, readJsonBody } from "../http/json-body.ts";
import { Problem } from "../http/problem.ts";

/** `POST /api/session/start`: the calling client starts a session with an agent, if the agent's owner lets it. */
export function startSession(
  ports: StartSessionPorts & {
    /** The LiveKit server that the tokens are good for. */
    readonly serverUrl: string;
  },
): HttpTrigger {
  return {
    name: "startSession",
    methods: ["POST"],
    route: "api/session/start",
    caller: "required",
    event: "session_start",
    handle: async (visit) => {
      const { request, caller, record } = visit;
      record.client_app_id = caller;
      const body = await readJsonBody(request, sessionRequestBody, { refuse: refuseUnknown });
      if (body instanceof Problem) return body;
      const sessionRequest = toSessionRequest(body);
      if ("invalid" in sessionRequest) return invalidRequest(sessionRequest.invalid);

      const result = await start(ports, caller, sessionRequest, visit);
      if ("code" in result) return denialProblem(result, record.decision_id);
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
  };
}
