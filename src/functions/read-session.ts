import { endpoint } from "../http/endpoint.ts";
import type { Ports } from "./ports.ts";
import { sessionNotFound, sessionResponse } from "./session-response.ts";

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
  (ports: Pick<Ports, "sessions" | "clock">) =>
    async ({ request, caller }) => {
      const session = await ports.sessions.find(caller, request.params["session_id"] ?? "");
      if (session === undefined) return sessionNotFound();
      return { jsonBody: sessionResponse(session, ports.clock.now()) };
    },
);
