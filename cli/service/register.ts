import { type Command, Option } from "commander";
import type { ExitCode } from "../exit-code.ts";
import { mark, quoted } from "../terminal.ts";
import { type Response, readResponse } from "./read-response.ts";
import { addServiceOptions, callAndPrint, type ServiceOptions } from "./service-command.ts";

interface RegisterOptions extends ServiceOptions {
  optOut?: boolean;
  deployment?: readonly string[];
}

/** Defines `lkps register`. */
export function describeRegister(command: Command): Command {
  return addServiceOptions(command)
    .addOption(
      new Option("--opt-out", "turn enforcement off: any client that can reach LKPS may start sessions"),
    )
    .addOption(
      new Option(
        "--deployment <name...>",
        "LiveKit deployments of the agent that clients may ask for; without it, none (those of an earlier registration are removed)",
      ),
    )
    .summary("register the calling agent")
    .description(
      "Registers the calling agent, with enforcement unless you opt out. Registering again replaces the earlier registration.",
    );
}

/** Runs `lkps register`. */
export async function register({
  optOut,
  deployment: deployments = [],
  ...options
}: RegisterOptions): Promise<ExitCode> {
  const body = { service_config: { enforce_client_authz: optOut !== true, deployments } };
  const call = { method: "POST", path: "/api/agent/register", body, what: "Registering" } as const;
  return await callAndPrint(options, call, async (response) => ({
    text: registrationText(await readResponse("Registration", response)),
  }));
}

function registrationText(response: Response<"Registration">): string[] {
  return [
    `${mark("good")} Registered  ${response.agent_entra_app_id}`,
    response.service_config.enforce_client_authz
      ? "  Enforcement is on: only authorized client applications may start sessions."
      : `${mark("warning")} Enforcement is off: any client that can reach LKPS may start sessions.`,
    ...deploymentsText(response.service_config.deployments),
    `  Agent name for the LiveKit worker: ${quoted(response.agent_name)}`,
    `  LiveKit server: ${response.server_url}`,
    `  First registered ${response.registered_at}, updated ${response.updated_at}`,
  ];
}

function deploymentsText(deployments: readonly string[]): string[] {
  return deployments.length > 0 ? [`  Deployments that clients may ask for: ${deployments.join(", ")}`] : [];
}
