import { request } from "node:http";
import { createInterface } from "node:readline";
import { type Command, Option } from "commander";
import { CliError, errorReason } from "../cli-error.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { httpUrl, local } from "../options.ts";
import { isLoopback } from "../secure-url.ts";
import { localUrls } from "../sign-in/local-defaults.ts";
import { localClientId } from "../sign-in/local-sign-in.ts";
import { print } from "../terminal.ts";

// Who meets in a session of the local stack, played on its LiveKit stand-in.

interface PlayOptions {
  livekitUrl: string;
}

interface JoinOptions extends PlayOptions {
  session: string;
}

interface AgentOptions extends PlayOptions {
  as: string;
  deployment?: string;
  entraUrl: string;
}

const livekitUrl = () =>
  new Option("--livekit-url <url>", "the address of the LiveKit stand-in")
    .argParser(httpUrl)
    .default(localUrls.livekit);

/** Defines `lkps join`. */
export function describeJoin(command: Command): Command {
  return command
    .addOption(
      new Option("--session <id>", "a session that `lkps start --local` started").makeOptionMandatory(),
    )
    .addOption(livekitUrl())
    .summary("join a session of the local stack")
    .description("Plays the participant of a session, on the local stack only, until Ctrl-C or its end.");
}

/** Defines `lkps agent`. */
export function describeAgent(command: Command): Command {
  return command
    .addOption(new Option("--as <name>", "the agent: its client id, or its name").makeOptionMandatory())
    .addOption(new Option("--deployment <name>", "the LiveKit deployment of the agent"))
    .addOption(livekitUrl())
    .addOption(local()[1] as Option)
    .summary("play an agent on the local stack")
    .description(
      "Plays an agent's worker, on the local stack only, until Ctrl-C. It joins whenever it is called.",
    );
}

/** Runs `lkps join`. */
export async function join({ session, livekitUrl }: JoinOptions): Promise<ExitCode> {
  await play(livekitUrl, "join", { session_id: session });
  return exitCodes.yes;
}

/** Runs `lkps agent`. */
export async function agent({ as, deployment, livekitUrl, entraUrl }: AgentOptions): Promise<ExitCode> {
  await play(livekitUrl, "agent", { agent_name: await localClientId(as, entraUrl), deployment });
  return exitCodes.yes;
}

/** Leaves a session's token at the LiveKit stand-in, for `lkps join`. Without a stand-in there, nothing happens. */
export async function keepToken(
  serverUrl: string,
  session_id: string,
  participant_token: string,
): Promise<void> {
  const url = new URL("/local-stack/tokens", serverUrl.replace(/^ws/, "http"));
  if (!isLoopback(url.hostname)) return;
  const body = JSON.stringify({ session_id, participant_token });
  await fetch(url, { method: "POST", body, signal: AbortSignal.timeout(1_000) }).catch(() => {});
}

/** Prints what happens until it ends; who is played is there as long as the connection. */
function play(livekitUrl: string, part: "join" | "agent", body: object): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new CliError("local_stack_missing", why));
    const sent = request(`${livekitUrl}/local-stack/${part}`, { method: "POST" }, (response) => {
      if (response.statusCode === 404)
        fail(
          `${livekitUrl} has no such session. Start it with \`lkps start --local\`, on a stack without a LiveKit server.`,
        );
      else if (response.statusCode !== 200) fail("LiveKit refused the session's token. It may have expired.");
      else
        createInterface(response)
          .on("line", (line) => print([inWords(line)]))
          .once("close", resolve);
    });
    sent.once("error", (error) => fail(`No LiveKit stand-in at ${livekitUrl}: ${errorReason(error)}.`));
    sent.end(JSON.stringify(body));
  });
}

function inWords(line: string): string {
  const { event, ...details } = JSON.parse(line);
  const texts: Record<string, string> = {
    registered: `LiveKit calls this agent as ${details.agent_name}. Ctrl-C ends it.`,
    joined: `Joined ${details.room_name} as ${details.participant_identity}. Ctrl-C leaves.`,
    left: `Left: ${details.reason}.`,
  };
  return texts[event] ?? line;
}
