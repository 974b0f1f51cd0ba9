import { type Command, Option } from "commander";
import type { ExitCode } from "../exit-code.ts";
import { mark } from "../terminal.ts";
import { addServiceOptions, callAndPrint, type ServiceOptions } from "./service-command.ts";

interface EndOptions extends ServiceOptions {
  session: string;
}

/** Defines `lkps end`. */
export function describeEnd(command: Command): Command {
  return addServiceOptions(command)
    .addOption(
      new Option("--session <id>", "the session's id, as `lkps sessions` shows it").makeOptionMandatory(),
    )
    .summary("end one of its sessions")
    .description(
      "Ends a session of the calling agent: the participant is removed from the room, and cannot come back. The client " +
        "may start another one. To keep it out, remove it from the agent's app registration.",
    );
}

/** Runs `lkps end`. */
export async function end({ session, ...options }: EndOptions): Promise<ExitCode> {
  const path = `/api/agent/sessions/${encodeURIComponent(session)}`;
  const call = { method: "DELETE", path, what: "Ending the session" } as const;
  return await callAndPrint(options, call, () => ({
    text: [`${mark("good")} Ended  ${session}`],
    json: { session_id: session, ended: true },
  }));
}
