import type { Command } from "commander";
import type { ExitCode } from "../exit-code.ts";
import { mark } from "../terminal.ts";
import { addServiceOptions, callAndPrint, type ServiceOptions } from "./service-command.ts";

/** Defines `lkps unregister`. */
export function describeUnregister(command: Command): Command {
  return addServiceOptions(command)
    .summary("remove its registration")
    .description(
      "Removes the calling agent's registration, if there is one. To keep out one client only, remove it from the " +
        "agent's app registration.\n\nAfter that, no session with the agent can start until it registers again.",
    );
}

/** Runs `lkps unregister`. */
export async function unregister(options: ServiceOptions): Promise<ExitCode> {
  const call = {
    method: "DELETE",
    path: "/api/agent/registration",
    what: "Removing the registration",
  } as const;
  return await callAndPrint(options, call, ({ caller }) => ({
    text: [
      `${mark("good")} Not registered  ${caller ?? ""}`.trimEnd(),
      "  No session with this agent can start until it registers again.",
    ],
    json: { agent_entra_app_id: caller, registered: false },
  }));
}
