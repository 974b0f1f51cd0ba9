import { parseGuid } from "../domain/client-id.ts";
import type { SessionPosition, SessionStore } from "../domain/ports.ts";
import type { HttpTrigger } from "../http/endpoint.ts";
import { invalidRequest } from "../http/json-body.ts";
import { Problem } from "../http/problem.ts";
import { parameterIn, wholeNumberIn } from "../http/query.ts";
import { sessionAnswer } from "./session-answer.ts";

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
      const given = parameterIn(request, "cursor") ?? "";
      if (given instanceof Problem) return given;
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

// Opaque to callers, so that it may change.
function toCursor({ startedAt, sessionId }: SessionPosition): string {
  return Buffer.from(`${startedAt.getTime()} ${sessionId}`).toString("base64url");
}

function fromCursor(cursor: string): SessionPosition | undefined {
  const [time = "", id] = Buffer.from(cursor, "base64url").toString().split(" ");
  const sessionId = parseGuid(id);
  if (sessionId === undefined || !/^\d{1,13}$/.test(time)) return undefined;
  const position = { startedAt: new Date(Number(time)), sessionId };
  // Base64 is read with whatever stands around and within it.
  return toCursor(position) === cursor ? position : undefined;
}
