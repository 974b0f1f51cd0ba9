import { type Command, Option } from "commander";
import { CliError } from "../cli-error.ts";
import type { ExitCode } from "../exit-code.ts";
import { mark, quoted } from "../terminal.ts";
import { authorizationCall } from "./authorization.ts";
import type { ServiceResponse } from "./call-service.ts";
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
    .summary("register the agent, or replace its registration")
    .description(
      "Registers the calling agent, with enforcement unless you opt out. To see who may then connect, use authorization.\n\n" +
        "Registering again replaces the earlier registration.",
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
  return await callAndPrint(options, call, async ({ body, ask }) => {
    const registration = await readResponse("Registration", body);
    const text = registrationText(registration);
    if (options.json || optOut) return { text };
    return { text: [...text, ...(await nobodyText(ask(authorizationCall)))] };
  });
}

/** Says so if no client may start a session yet. If LKPS could not say, the registration is done all the same. */
async function nobodyText(asked: Promise<ServiceResponse>): Promise<string[]> {
  try {
    const { clients, repairs } = await readResponse("Authorization", (await asked).body);
    if (clients.some(({ may_start_sessions: isAllowed }) => isAllowed)) return [];
    const heading = `${mark("warning")} No client may start a session with this agent yet. How to fix it:`;
    return ["", heading, ...repairs.map((one) => `   ${one}`)];
  } catch (error) {
    if (error instanceof CliError) return [];
    throw error;
  }
}

function registrationText(response: Response<"Registration">): string[] {
  return [
    `${mark("good")} Registered  ${response.agent_entra_app_id}`,
    response.service_config.enforce_client_authz
      ? "  Enforcement is on: only pre-authorized clients may start sessions."
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
