import { endpoint } from "../http/endpoint.ts";
import { Problem } from "../http/problem.ts";
import type { Ports } from "./ports.ts";
import { registrationResponse } from "./registration-response.ts";

/** `GET /api/agent/registration`: the calling agent's own registration. */
export const readRegistration = endpoint(
  {
    name: "readRegistration",
    method: "GET",
    route: "api/agent/registration",
    caller: "agent",
    documentation: {
      tag: "Registration",
      summary: "Get the calling agent's registration",
      description: "The caller is the agent.",
    },
    responses: { 200: "Registration" },
    problems: ["agent_not_registered", "storage_unavailable"],
  },
  (ports: Pick<Ports, "registrations" | "serverUrl">) =>
    async ({ caller: agent }) => {
      const registration = await ports.registrations.find(agent);
      if (registration !== undefined)
        return { jsonBody: registrationResponse(registration, ports.serverUrl) };
      return new Problem("agent_not_registered", {
        detail: "The agent is not registered. It registers itself with POST /api/agent/register.",
      });
    },
);
