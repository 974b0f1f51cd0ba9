import { type Command, Option } from "commander";
import type { ExitCode } from "../exit-code.ts";
import { wholeNumber } from "../options.ts";
import { paint } from "../terminal.ts";
import { type Response, readResponse } from "./read-response.ts";
import { addServiceOptions, callAndPrint, type ServiceOptions } from "./service-command.ts";

interface SessionsOptions extends ServiceOptions {
  limit: number;
  cursor?: string;
}

/** Defines `lkps sessions`. */
export function describeSessions(command: Command): Command {
  return addServiceOptions(command)
    .addOption(
      new Option("--limit <n>", "the number of sessions, 1 to 100")
        .argParser(wholeNumber(1, 100))
        .default(20),
    )
    .addOption(new Option("--cursor <cursor>", "continue an earlier list, from the cursor that it printed"))
    .summary("list its sessions, newest first")
    .description(
      "Lists the sessions that clients started with the calling agent, newest first. For a count by client, use usage.",
    );
}

/** Runs `lkps sessions`. */
export async function sessions({ limit, cursor, ...options }: SessionsOptions): Promise<ExitCode> {
  const query = new URLSearchParams({ limit: String(limit), ...(cursor !== undefined && { cursor }) });
  const call = { method: "GET", path: `/api/agent/sessions?${query}`, what: "Reading the sessions" } as const;
  return await callAndPrint(options, call, async ({ body }) => ({
    text: sessionsText(await readResponse("SessionList", body)),
  }));
}

function row(started: string, state: string, session: string, client: string): string {
  return `${started.padEnd(26)}${state.padEnd(32)}${session.padEnd(38)}${client}`;
}

function sessionsText({ sessions: list, cursor }: Response<"SessionList">): string[] {
  if (list.length === 0) return ["No sessions."];
  return [
    paint("bold", row("Started", "State", "Session", "Client")),
    ...list.map(
      ({ started_at: startedAt, state, end_reason: reason, session_id: session, client_app_id: client }) =>
        row(startedAt, reason === null ? state : `${state}, ${reason}`, session, client),
    ),
    ...(cursor === undefined ? [] : ["", `For older sessions, add --cursor ${cursor}`]),
  ];
}
