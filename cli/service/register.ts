import { type Command, Option } from "commander";
import type { ExitCode } from "../outcome.ts";
import { mark } from "../terminal.ts";
import { addServiceOptions, askAndShow, type ServiceOptions } from "./service-command.ts";

interface RegisterOptions extends ServiceOptions {
  optOut?: boolean;
}

/** `lkps register`: the calling agent registers. */
export function describeRegister(command: Command): Command {
  return addServiceOptions(command)
    .addOption(
      new Option("--opt-out", "without enforcement: any client that reaches LKPS may start sessions"),
    )
    .summary("register the calling agent")
    .description(
      "Registers the calling agent, with enforcement unless it opts out. Registering again replaces what was registered.",
    );
}

/** Carries it out. */
export async function register({ optOut, ...options }: RegisterOptions): Promise<ExitCode> {
  const body = { service_config: { enforce_client_authz: optOut !== true } };
  const call = { method: "POST", path: "/api/agent/register", body, what: "Registering" } as const;
  return await askAndShow(options, call, registrationText);
}

function registrationText(body: Record<string, unknown>): string[] {
  const config = body["service_config"] as { enforce_client_authz?: unknown } | undefined;
  return [
    `${mark("good")} Registered  ${body["agent_entra_app_id"]}`,
    config?.enforce_client_authz === true
      ? "  Only clients that the agent's owner authorized may start sessions."
      : `${mark("unknown")} Opted out: any client that reaches LKPS may start sessions.`,
    `  The LiveKit worker's agent name: ${body["agent_name"]}`,
    `  LiveKit server: ${body["server_url"]}`,
    `  First registered ${body["registered_at"]}, updated ${body["updated_at"]}`,
  ];
}
