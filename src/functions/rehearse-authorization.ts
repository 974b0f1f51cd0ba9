import { rehearse } from "../application/rehearse.ts";
import type { ApplicationDirectory, Chance, SessionStore } from "../domain/ports.ts";
import type { HttpTrigger } from "../http/endpoint.ts";
import { Problem } from "../http/problem.ts";
import { wholeNumberIn } from "../http/query.ts";

interface RehearseAuthorizationPorts {
  readonly sessions: SessionStore;
  readonly applications: ApplicationDirectory;
  readonly chance: Chance;
  readonly graphTimeoutMs: number;
}

/** `GET /api/agent/authorization/rehearsal`: which clients would be refused if enforcement were on. */
export function rehearseAuthorization(ports: RehearseAuthorizationPorts): HttpTrigger {
  return {
    name: "rehearseAuthorization",
    methods: ["GET"],
    route: "api/agent/authorization/rehearsal",
    caller: "agent",
    handle: async (visit) => {
      const { request, caller } = visit;
      const days = wholeNumberIn(request, "days", { least: 1, most: 30, byDefault: 7 });
      if (days instanceof Problem) return days;
      const { clients, complete } = await rehearse(ports, caller, days, visit);
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
  };
}
