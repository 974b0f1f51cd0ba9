import { parseGuid } from "../domain/client-id.ts";
import type { SessionPosition } from "../domain/session.ts";
import { endpoint } from "../http/endpoint.ts";
import { invalidRequest } from "../http/json-body.ts";
import type { Ports } from "./ports.ts";
import { sessionResponse } from "./session-response.ts";

/** `GET /api/agent/sessions`: the calling agent's sessions, newest first. */
export const listSessions = endpoint(
  {
    name: "listSessions",
    method: "GET",
    route: "api/agent/sessions",
    caller: "agent",
    documentation: {
      tag: "Owners",
      summary: "List the calling agent's sessions",
      description: "The caller is the agent. Newest first.",
    },
    query: {
      limit: { description: "The maximum number of sessions.", minValue: 1, maxValue: 100, defaultValue: 20 },
      cursor: { description: "The `cursor` of the previous page." },
    },
    responses: { 200: "SessionList" },
    problems: ["storage_unavailable"],
  },
  (ports: Pick<Ports, "sessions" | "clock" | "takeListTurn">) =>
    async ({ caller: agent, query }) => {
      const after = fromCursor(query.cursor);
      if (query.cursor !== "" && after === undefined) return invalidRequest("cursor is invalid.");
      const { sessions, hasMore } = await ports.takeListTurn(agent, () =>
        ports.sessions.list(agent, after, query.limit),
      );
      const last = sessions.at(-1);
      const now = ports.clock.now();
      return {
        jsonBody: {
          sessions: sessions.map((session) => sessionResponse(session, now)),
          ...(hasMore && last !== undefined && { cursor: toCursor(last) }),
        },
      };
    },
);

// Opaque to callers, so that the format may change.
function toCursor({ startedAt, sessionId }: SessionPosition): string {
  return Buffer.from(`${startedAt.getTime()} ${sessionId}`).toString("base64url");
}

function fromCursor(cursor: string): SessionPosition | undefined {
  const [time = "", id] = Buffer.from(cursor, "base64url").toString().split(" ");
  const sessionId = parseGuid(id);
  if (sessionId === undefined || !/^\d{1,13}$/.test(time)) return undefined;
  const position = { startedAt: new Date(Number(time)), sessionId };
  // Base64 decoding ignores invalid characters; accept only an exact cursor.
  return toCursor(position) === cursor ? position : undefined;
}
