import { timedTables } from "../application/timed-tables.ts";
import { registrationBody } from "../contract/registration-body.ts";
import type { Chance, RegistrationStore } from "../domain/ports.ts";
import type { HttpTrigger } from "../http/endpoint.ts";
import { readJsonBody } from "../http/json-body.ts";
import { Problem } from "../http/problem.ts";
import { registrationAnswer } from "./registration-answer.ts";

interface RegisterAgentPorts {
  readonly registrations: RegistrationStore;
  readonly chance: Chance;
  readonly serverUrl: string;
}

/** `POST /api/agent/register`: the calling agent registers itself, with enforcement unless it opts out. */
export function registerAgent(ports: RegisterAgentPorts): HttpTrigger {
  return {
    name: "registerAgent",
    methods: ["POST"],
    route: "api/agent/register",
    caller: "agent",
    event: "agent_registered",
    handle: async ({ request, caller: agent, record }) => {
      const body = await readJsonBody(request, registrationBody, { whenEmpty: {} });
      if (body instanceof Problem) return body;

      const enforceClientAuthz = body.service_config?.enforce_client_authz ?? true;
      const { registration, created } = await timedTables(ports.chance, record, () =>
        ports.registrations.put(agent, enforceClientAuthz, ports.chance.now()),
      );
      record.enforce_client_authz = enforceClientAuthz;
      record.outcome = "done";
      return { status: created ? 201 : 200, jsonBody: registrationAnswer(registration, ports.serverUrl) };
    },
  };
}
