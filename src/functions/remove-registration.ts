import { timedTables } from "../application/timed-tables.ts";
import type { Chance, RegistrationStore } from "../domain/ports.ts";
import type { HttpTrigger } from "../http/endpoint.ts";

interface RemoveRegistrationPorts {
  readonly registrations: RegistrationStore;
  readonly chance: Chance;
}

/** `DELETE /api/agent/registration`: the calling agent takes itself out; no client can start sessions with it. */
export function removeRegistration(ports: RemoveRegistrationPorts): HttpTrigger {
  return {
    name: "removeRegistration",
    methods: ["DELETE"],
    route: "api/agent/registration",
    caller: "agent",
    event: "agent_unregistered",
    handle: async ({ caller: agent, record }) => {
      await timedTables(ports.chance, record, () => ports.registrations.remove(agent, ports.chance.now()));
      record.outcome = "done";
      return { status: 204 };
    },
  };
}
