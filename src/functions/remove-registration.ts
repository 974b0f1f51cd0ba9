import { timedTables } from "../application/timed-tables.ts";
import type { Chance, RegistrationStore } from "../domain/ports.ts";
import type { IdentifyCaller } from "./caller.ts";
import type { HttpTrigger } from "./http-trigger.ts";
import { Problem } from "./problem.ts";

interface RemoveRegistrationPorts {
  readonly identifyCaller: IdentifyCaller;
  readonly registrations: RegistrationStore;
  readonly chance: Chance;
}

/** `DELETE /api/agent/registration`: the calling agent takes itself out; no client can start sessions with it. */
export function removeRegistration(ports: RemoveRegistrationPorts): HttpTrigger {
  return {
    name: "removeRegistration",
    methods: ["DELETE"],
    route: "api/agent/registration",
    reachedBy: "callers",
    event: "agent_unregistered",
    handle: async ({ request, record }) => {
      const agent = await ports.identifyCaller(request);
      if (agent instanceof Problem) return agent;
      record.agent_entra_app_id = agent;
      await timedTables(ports.chance, record, () => ports.registrations.remove(agent));
      record.outcome = "done";
      return { status: 204 };
    },
  };
}
