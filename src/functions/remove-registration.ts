import { measureTableOperation } from "../application/use-case-context.ts";
import { endpoint } from "../http/endpoint.ts";
import type { Ports } from "./ports.ts";

/**
 * `DELETE /api/agent/registration`: removes the calling agent's registration. After that, no client can start
 * sessions with it.
 */
export const removeRegistration = endpoint(
  {
    name: "removeRegistration",
    method: "DELETE",
    route: "api/agent/registration",
    caller: "agent",
    event: "agent_unregistered",
    documentation: {
      tag: "Registration",
      summary: "Remove the calling agent's registration",
      description: "The caller is the agent. After that, no client can start sessions with it.",
    },
    responses: { 204: null },
    problems: ["storage_unavailable"],
  },
  (ports: Pick<Ports, "registrations" | "clock">) =>
    async ({ caller: agent, record }) => {
      await measureTableOperation(ports.clock, record, ports.registrations.remove(agent, ports.clock.now()));
      record.outcome = "done";
      return { status: 204 };
    },
);
