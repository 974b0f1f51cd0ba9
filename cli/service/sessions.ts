import { type Command, Option } from "commander";
import { wholeNumber } from "../options.ts";
import type { ExitCode } from "../outcome.ts";
import { paint } from "../terminal.ts";
import { sessionsAnswer } from "./answers.ts";
import { addServiceOptions, askAndShow, type ServiceOptions } from "./service-command.ts";

interface SessionsOptions extends ServiceOptions {
  limit: number;
  cursor?: string;
}

/** `lkps sessions`: the calling agent's last sessions. */
export function describeSessions(command: Command): Command {
  return addServiceOptions(command)
    .addOption(new Option("--limit <n>", "how many, 1 to 100").argParser(wholeNumber(1, 100)).default(20))
    .addOption(new Option("--cursor <cursor>", "go on where an earlier answer ended"))
    .summary("the calling agent's last sessions")
    .description("Lists the sessions that clients started with the calling agent, the newest first.");
}

/** Carries it out. */
export async function sessions({ limit, cursor, ...options }: SessionsOptions): Promise<ExitCode> {
  const query = new URLSearchParams({ limit: String(limit), ...(cursor !== undefined && { cursor }) });
  const call = { method: "GET", path: `/api/agent/sessions?${query}`, what: "Reading the sessions" } as const;
  return await askAndShow(options, call, sessionsText);
}

function sessionsText(body: unknown): string[] {
  const { sessions: list, cursor } = sessionsAnswer(body);
  if (list.length === 0) return ["No sessions."];
  return [
    paint("bold", `${"Started".padEnd(26)}${"Client".padEnd(38)}${"Basis".padEnd(22)}Room`),
    ...list.map(
      ({ started_at: startedAt, client_app_id: client, basis, room_name: room }) =>
        `${startedAt.padEnd(26)}${client.padEnd(38)}${basis.padEnd(22)}${room}`,
    ),
    ...(cursor === undefined ? [] : ["", `There are older ones: --cursor ${cursor}`]),
  ];
}
