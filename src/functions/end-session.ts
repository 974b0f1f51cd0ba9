import { changeSession, closeRoom, type SessionPorts } from "../application/change-session.ts";
import { close } from "../domain/session-ending.ts";
import { endpoint } from "../http/endpoint.ts";
import { sessionNotFound } from "./session-response.ts";

/** `DELETE /api/agent/sessions/{session_id}`: ends one of the calling agent's sessions. */
export const endSession = endpoint(
  {
    name: "endSession",
    method: "DELETE",
    route: "api/agent/sessions/{session_id}",
    caller: "agent",
    documentation: {
      tag: "Owners",
      summary: "End one of the calling agent's sessions",
      description:
        "The caller is the agent. LKPS deletes the room, and whoever comes back is removed again. Also succeeds if the session is over.",
    },
    responses: { 204: null },
    problems: ["session_not_found", "storage_unavailable", "livekit_unavailable"],
  },
  (ports: SessionPorts) =>
    async ({ request, caller: agent, log }) => {
      const sessionId = request.params["session_id"] ?? "";
      const nowMs = ports.clock.now().getTime();
      // Stored first: LiveKit's webhooks may come before its response.
      const change = await changeSession(
        ports,
        { agent, sessionId },
        (session) => close(session, "ended_by_owner", nowMs),
        log,
      );
      if (change === undefined) return sessionNotFound();
      const { closing } = change.after.known;
      if (closing === undefined || closing.isClosed) return { status: 204 };
      const closed = closeRoom(ports, change.after, log);
      // One that has ended, but whose room is not closed yet, has ended all the same.
      await (closing.confirmedAtMs === null ? closed : closed.catch(() => undefined));
      return { status: 204 };
    },
);
