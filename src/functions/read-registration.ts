import type { RegistrationStore } from "../domain/ports.ts";
import type { HttpTrigger } from "../http/endpoint.ts";
import { Problem } from "../http/problem.ts";
import { registrationAnswer } from "./registration-answer.ts";

interface ReadRegistrationPorts {
  readonly registrations: RegistrationStore;
  readonly serverUrl: string;
}

/** `GET /api/agent/registration`: the calling agent's own registration. */
export function readRegistration(ports: ReadRegistrationPorts): HttpTrigger {
  return {
    name: "readRegistration",
    methods: ["GET"],
    route: "api/agent/registration",
    caller: "agent",
    handle: async ({ caller: agent }) => {
      const registration = await ports.registrations.find(agent);
      if (registration !== undefined) return { jsonBody: registrationAnswer(registration, ports.serverUrl) };
      return new Problem("agent_not_registered", {
        detail: "You are not registered. Register with POST /api/agent/register.",
      });
    },
  };
}
