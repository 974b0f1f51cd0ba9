import { type Command, Option } from "commander";
import type { ClientId } from "../../src/domain/client-id.ts";
import { agent } from "../options.ts";
import type { ExitCode } from "../outcome.ts";
import { mark } from "../terminal.ts";
import { addServiceOptions, askAndShow, type ServiceOptions } from "./service-command.ts";
import { writeSecret } from "./write-secret.ts";

interface StartOptions extends ServiceOptions {
  agent: ClientId;
  name?: string;
  metadata?: string;
  tokenFile?: string;
}

/** `lkps start`: the calling client starts a session. */
export function describeStart(command: Command): Command {
  return addServiceOptions(command)
    .addOption(agent())
    .addOption(new Option("--name <name>", "the participant's name"))
    .addOption(new Option("--metadata <text>", "metadata for the agent"))
    .addOption(new Option("--token-file <file>", "write the participant token there, for you alone to read"))
    .summary("start a session with an agent")
    .description(
      "Starts a real session, as the calling client. The participant token is never printed. Exit code: 0 started, " +
        "1 denied, 2 could not tell.",
    );
}

/** Carries it out. */
export async function start({
  agent,
  name,
  metadata,
  tokenFile,
  ...options
}: StartOptions): Promise<ExitCode> {
  const body = {
    agent_entra_app_id: agent,
    ...(name !== undefined && { participant_name: name }),
    ...(metadata !== undefined && { agent_metadata: metadata }),
  };
  const call = { method: "POST", path: "/api/session/start", body, what: "Starting a session" } as const;
  let participantToken: unknown;
  const shownBody = (answer: Record<string, unknown>) => {
    participantToken = answer["participant_token"];
    return typeof participantToken === "string"
      ? { ...answer, participant_token: masked(participantToken) }
      : answer;
  };
  const exitCode = await askAndShow(options, call, sessionText, { shownBody });
  if (tokenFile !== undefined && typeof participantToken === "string")
    await writeSecret(tokenFile, participantToken);
  return exitCode;
}

/** A token as it can be shown: that there is one, and how long it is. */
function masked(token: string): string {
  return `(${token.length} characters, not shown)`;
}

function sessionText(body: Record<string, unknown>): string[] {
  const member = (name: string) => String(body[name]);
  return [
    `${mark("good")} Session  ${member("session_id")}`,
    `  Room ${member("room_name")}, as ${member("participant_identity")}`,
    `  LiveKit server ${member("server_url")}`,
    `  Participant token ${member("participant_token")}; --token-file <file> keeps it. Join before ${member("expires_at")}.`,
  ];
}
