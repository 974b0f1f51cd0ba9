import { parseGuid } from "../domain/client-id.ts";
import type { SessionPosition, SessionRecord, SessionStore } from "../domain/ports.ts";
import type { HttpTrigger } from "./http-trigger.ts";
import { invalidRequest } from "./json-body.ts";
import { Problem } from "./problem.ts";
import { wholeNumberIn } from "./query.ts";

interface ListSessionsPorts {
  readonly sessions: SessionStore;
}

/** `GET /api/agent/sessions`: the calling agent's sessions, the newest first. */
export function listSessions(ports: ListSessionsPorts): HttpTrigger {
  return {
    name: "listSessions",
    methods: ["GET"],
    route: "api/agent/sessions",
    caller: "agent",
    handle: async ({ request, caller: agent }) => {
      const limit = wholeNumberIn(request, "limit", { least: 1, most: 100, byDefault: 20 });
      if (limit instanceof Problem) return limit;
      const given = request.query.get("cursor") ?? "";
      const after = fromCursor(given);
      if (given !== "" && after === undefined) return invalidRequest("cursor is none that LKPS gave out.");

      const { sessions, hasMore } = await ports.sessions.list(agent, after, limit);
      const last = sessions.at(-1);
      return {
        jsonBody: {
          sessions: sessions.map(sessionAnswer),
          ...(hasMore && last !== undefined && { cursor: toCursor(last) }),
        },
      };
    },
  };
}

function sessionAnswer(session: SessionRecord) {
  return {
    session_id: session.sessionId,
    client_app_id: session.client,
    basis: session.basis,
    room_name: session.roomName,
    participant_identity: session.participantIdentity,
    started_at: session.startedAt.toISOString(),
    expires_at: session.expiresAt.toISOString(),
    decision_id: session.decisionId,
  };
}

// Opaque to callers, so that it may change.
function toCursor({ startedAt, sessionId }: SessionPosition): string {
  return Buffer.from(`${startedAt.getTime()} ${sessionId}`).toString("base64url");
}

function fromCursor(cursor: string): SessionPosition | undefined {
  const [time = "", id] = Buffer.from(cursor, "base64url").toString().split(" ");
  const sessionId = parseGuid(id);
  return sessionId === undefined || !/^\d{1,13}$/.test(time)
    ? undefined
    : { startedAt: new Date(Number(time)), sessionId };
}
