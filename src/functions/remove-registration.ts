import { timedTables } from "../application/timed-tables.ts";
import type { Chance, RegistrationStore } from "../domain/ports.ts";
import { endpoint } from "../http/endpoint.ts";

interface RemoveRegistrationPorts {
  readonly registrations: Pick<RegistrationStore, "remove">;
  readonly chance: Chance;
}

/** `DELETE /api/agent/registration`: the calling agent removes its registration; no client can start sessions with it. */
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
      description: "The caller is the agent. From then on, no client can start sessions with it.",
    },
    answers: { 204: null },
    problems: ["storage_unavailable"],
  },
  (ports: RemoveRegistrationPorts) =>
    async ({ caller: agent, record }) => {
      await timedTables(ports.chance, record, () => ports.registrations.remove(agent, ports.chance.now()));
      record.outcome = "done";
      return { status: 204 };
    },
);
