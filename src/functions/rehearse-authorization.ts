import { rehearse } from "../application/rehearse.ts";
import { endpoint, GRAPH_PROBLEMS } from "../http/endpoint.ts";
import type { Ports } from "./ports.ts";

/** `GET /api/agent/authorization/rehearsal`: which clients would be denied if enforcement were on. */
export const rehearseAuthorization = endpoint(
  {
    name: "rehearseAuthorization",
    method: "GET",
    route: "api/agent/authorization/rehearsal",
    caller: "agent",
    documentation: {
      tag: "Owners",
      summary: "See who would be denied if enforcement were on",
      description: "The caller is the agent. Evaluates the clients that recently started sessions with it.",
    },
    query: {
      days: {
        description: "The number of past days to evaluate.",
        minValue: 1,
        maxValue: 30,
        defaultValue: 7,
      },
    },
    responses: { 200: "Rehearsal" },
    problems: GRAPH_PROBLEMS,
  },
  (ports: Pick<Ports, "sessions" | "applications" | "clock" | "graphTimeoutMs" | "takeRehearsalTurn">) =>
    async (context) => {
      const { days } = context.query;
      const { clients, complete } = await ports.takeRehearsalTurn(context.caller, () =>
        rehearse(ports, context.caller, days, context),
      );
      return {
        jsonBody: {
          days,
          complete,
          clients: clients.map((use) => ({
            client_app_id: use.client,
            sessions: use.sessions,
            last_started_at: use.lastStartedAt.toISOString(),
            may_start_sessions: use.mayStartSessions,
            code: use.code,
          })),
        },
      };
    },
);
