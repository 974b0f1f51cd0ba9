import { type Command, Option } from "commander";
import type { ExitCode } from "../exit-code.ts";
import { findClientId } from "../find-client-id.ts";
import { agent } from "../options.ts";
import { requireNewFile, writePrivateFile } from "../output-file.ts";
import { mark } from "../terminal.ts";
import { type Response, readResponse } from "./read-response.ts";
import { addServiceOptions, callAndPrint, type ServiceOptions } from "./service-command.ts";

interface StartOptions extends ServiceOptions {
  agent: string;
  name?: string;
  metadata?: string;
  deployment?: string;
  tokenFile?: string;
}

/** Defines `lkps start`. */
export function describeStart(command: Command): Command {
  return addServiceOptions(command)
    .addOption(agent())
    .addOption(new Option("--name <name>", "the participant's name"))
    .addOption(new Option("--metadata <text>", "metadata for the agent"))
    .addOption(new Option("--deployment <name>", "the LiveKit deployment of the agent"))
    .addOption(
      new Option("--token-file <file>", "save the participant token to a file that only you can read"),
    )
    .summary("start a session, as the client")
    .description(
      "Starts a real session as the calling client. To ask only whether one would start, use evaluate.\n\n" +
        "The participant token is never printed. Exit codes: 0 started, 1 denied, 2 error.",
    );
}

/** Runs `lkps start`. */
export async function start({
  agent: agentText,
  name,
  metadata,
  deployment,
  tokenFile,
  ...options
}: StartOptions): Promise<ExitCode> {
  if (tokenFile !== undefined) requireNewFile(tokenFile);
  const agent = await findClientId(agentText, options);
  const request = {
    agent_entra_app_id: agent,
    ...(name !== undefined && { participant_name: name }),
    ...(metadata !== undefined && { agent_metadata: metadata }),
    ...(deployment !== undefined && { agent_deployment: deployment }),
  };
  const call = {
    method: "POST",
    path: "/api/session/start",
    body: request,
    what: "Starting a session",
  } as const;
  return await callAndPrint(options, call, async ({ body }) => {
    const session = await readResponse("Session", body);
    const { participant_token: token } = session;
    if (tokenFile !== undefined) await writePrivateFile(tokenFile, token);
    const hidden = { ...session, participant_token: `(${token.length} characters, not shown)` };
    return { text: sessionText(hidden, tokenFile), json: hidden };
  });
}

function sessionText(response: Response<"Session">, tokenFile?: string): string[] {
  return [
    `${mark("good")} Session  ${response.session_id}`,
    `  Room ${response.room_name}`,
    `  Participant ${response.participant_identity}`,
    `  LiveKit server ${response.server_url}`,
    `  Participant token ${response.participant_token}. ${tokenFile === undefined ? "To save it, use --token-file <file>." : `Saved to ${tokenFile}.`}`,
    `  Join before ${response.expires_at}.`,
  ];
}
