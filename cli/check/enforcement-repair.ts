import type { ClientId } from "../../src/domain/client-id.ts";
import { lkpsCommand } from "../invocation.ts";
import type { Enforcement } from "../service/ask-enforcement.ts";
import type { Repair } from "./repairs.ts";

/** How the agent's owner lets LKPS enforce the authorization; `null` if it does. It comes before all other repairs. */
export function enforcementRepair(
  agent: ClientId,
  enforcement: Enforcement | null,
  isLocal: boolean,
): Repair | null {
  const command = isLocal ? `${lkpsCommand} register --local --as ${agent}` : `${lkpsCommand} register`;
  if (enforcement === "off") {
    const sentence =
      "Enforcement is off, so any client application may start sessions with this agent. To turn it on, register the " +
      "agent again without opting out, and with its deployments, if it has any. To see first who would be denied, run " +
      "lkps rehearsal.";
    return { check: null, sentence, command };
  }
  if (enforcement === "not_registered") {
    const sentence = "Start the agent, so that it registers with LKPS.";
    return { check: null, sentence, command: isLocal ? command : null };
  }
  return null;
}
