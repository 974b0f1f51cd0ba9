import { measureTableOperation } from "../application/use-case-context.ts";
import { registrationBody } from "../contract/registration-body.ts";
import { limitsIn } from "../domain/registration.ts";
import { endpoint } from "../http/endpoint.ts";
import type { Ports } from "./ports.ts";
import { registrationResponse } from "./registration-response.ts";

/** `POST /api/agent/register`: registers the calling agent. Enforcement is on unless it opts out. */
export const registerAgent = endpoint(
  {
    name: "registerAgent",
    method: "POST",
    route: "api/agent/register",
    caller: "agent",
    event: "agent_registered",
    documentation: {
      tag: "Registration",
      summary: "Register the calling agent",
      description:
        "The caller is the agent. Registering again replaces the earlier registration. Without a body, or with an empty one, LKPS enforces the three checks, even if an earlier registration opted out, sets no limits, and allows no deployment.",
    },
    body: { name: "RegistrationRequest", schema: registrationBody, whenEmpty: {} },
    responses: { 201: "Registration", 200: "Registration" },
    problems: ["storage_unavailable"],
  },
  (ports: Pick<Ports, "registrations" | "clock" | "serverUrl">) =>
    async ({ caller: agent, body, record }) => {
      const { enforce_client_authz: enforceClientAuthz = true, deployments = [] } = body.service_config ?? {};
      const limits = limitsIn(body.service_config?.limits);
      const { registration, created } = await measureTableOperation(
        ports.clock,
        record,
        ports.registrations.put(agent, { enforceClientAuthz, limits, deployments }, ports.clock.now()),
      );
      record.enforce_client_authz = enforceClientAuthz;
      record.outcome = "done";
      return { status: created ? 201 : 200, jsonBody: registrationResponse(registration, ports.serverUrl) };
    },
);
