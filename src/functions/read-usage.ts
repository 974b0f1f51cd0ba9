import { MAX_NAMED_CLIENTS } from "../domain/authorization-view.ts";
import { MAX_COUNTED_SESSIONS } from "../domain/session.ts";
import { endpoint } from "../http/endpoint.ts";
import type { Ports } from "./ports.ts";

const DAY_MS = 86_400_000;

/** `GET /api/agent/usage`: how much each client used the agent. */
export const readUsage = endpoint(
  {
    name: "readUsage",
    method: "GET",
    route: "api/agent/usage",
    caller: "agent",
    documentation: {
      tag: "Owners",
      summary: "See how much each client used the calling agent",
      description: "The caller is the agent. Counts the sessions of the past days by client.",
    },
    query: {
      days: { description: "The number of past days to count.", minValue: 1, maxValue: 30, defaultValue: 7 },
    },
    responses: { 200: "Usage" },
    problems: ["storage_unavailable", "too_many_reads"],
  },
  (ports: Pick<Ports, "sessions" | "clock" | "takeRehearsalTurn">) =>
    async ({ caller: agent, query: { days } }) => {
      const since = new Date(ports.clock.now().getTime() - days * DAY_MS);
      const { clients, complete } = await ports.takeRehearsalTurn(agent, () =>
        ports.sessions.activitySince(agent, since, MAX_COUNTED_SESSIONS),
      );
      const busiestFirst = clients.toSorted(
        (a, b) => b.sessions - a.sessions || b.usedMs - a.usedMs || (a.client < b.client ? -1 : 1),
      );
      return {
        jsonBody: {
          days,
          clients: busiestFirst.slice(0, MAX_NAMED_CLIENTS).map((use) => ({
            client_app_id: use.client,
            sessions: use.sessions,
            joined: use.joined,
            minutes: Math.round(use.usedMs / 6_000) / 10,
            last_started_at: use.lastStartedAt.toISOString(),
          })),
          complete: complete && clients.length <= MAX_NAMED_CLIENTS,
        },
      };
    },
);
