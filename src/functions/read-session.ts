import type { SessionStore } from "../domain/ports.ts";
import { endpoint } from "../http/endpoint.ts";
import { Problem } from "../http/problem.ts";
import { sessionResponse } from "./session-response.ts";

interface ReadSessionPorts {
  readonly sessions: Pick<SessionStore, "find">;
}

/** `GET /api/agent/sessions/{session_id}`: one of the calling agent's sessions. */
export const readSession = endpoint(
  {
    name: "readSession",
    method: "GET",
    route: "api/agent/sessions/{session_id}",
    caller: "agent",
    documentation: {
      tag: "Owners",
      summary: "Get one of the calling agent's sessions",
      description: "The caller is the agent.",
    },
    responses: { 200: "ListedSession" },
    problems: ["session_not_found", "storage_unavailable"],
  },
  (ports: ReadSessionPorts) =>
    async ({ request, caller }) => {
      const session = await ports.sessions.find(caller, request.params["session_id"] ?? "");
      if (session !== undefined) return { jsonBody: sessionResponse(session) };
      // The same response as for another agent's session, so that nobody learns which ids exist.
      return new Problem("session_not_found", {
        detail: "You have no session with this id. GET /api/agent/sessions lists your sessions.",
      });
    },
);
