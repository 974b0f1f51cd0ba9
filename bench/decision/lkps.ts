import { indexApplication } from "../../src/domain/application.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { type Decision, decide } from "../../src/domain/decision.ts";
import { AGENT } from "../../tests/support/app-registration.ts";
import type { Code, Engine } from "./engine.ts";

/** LKPS's decision as `authorize` calls it, with new facts for each request. */
export const lkps: Engine<Decision> = {
  name: "LKPS",
  given: "`decide`, on the application as `indexApplication` indexed it",
  async read(api) {
    const identity =
      api === null ? null : ({ kind: "application", application: indexApplication(api) } as const);
    return (client) => decide(AGENT as ClientId, client, { registration: "enforced", identity });
  },
  meaning: (decision) => (decision.allowed ? decision.permit.basis : decision.code) as Code,
};
