import { type StartSessionPorts, startSession as start } from "../application/start-session.ts";
import type { IdentifyCaller } from "./caller.ts";
import { denialProblem } from "./denial.ts";
import type { HttpTrigger } from "./http-trigger.ts";
import { readJsonBody } from "./json-body.ts";
import { Problem } from "./problem.ts";
import { refuseProto, sessionRequestBody, toSessionRequest } from "./session-request-body.ts";

/** `POST /api/session/start`: the calling client starts a session with an agent, if the agent's owner lets it. */
export function startSession(
  ports: StartSessionPorts & {
    readonly identifyCaller: IdentifyCaller;
    /** The LiveKit server that the tokens are good for. */
    readonly serverUrl: string;
  },
): HttpTrigger {
  return {
    name: "startSession",
    methods: ["POST"],
    route: "api/session/start",
    reachedBy: "callers",
    event: "session_start",
    handle: async ({ request, arrivedAt, record }) => {
      const client = await ports.identifyCaller(request);
      if (client instanceof Problem) return client;
      record.client_app_id = client;
      const body = await readJsonBody(request, sessionRequestBody, { refuse: refuseProto });
      if (body instanceof Problem) return body;
      const sessionRequest = toSessionRequest(body);
      if (sessionRequest instanceof Problem) return sessionRequest;

      const result = await start(ports, client, sessionRequest, arrivedAt, record);
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
