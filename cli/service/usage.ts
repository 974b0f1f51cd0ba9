import type { Command } from "commander";
import type { ExitCode } from "../exit-code.ts";
import { paint } from "../terminal.ts";
import { type Response, readResponse } from "./read-response.ts";
import { days } from "./rehearsal.ts";
import { addServiceOptions, callAndPrint, type ServiceOptions } from "./service-command.ts";

interface UsageOptions extends ServiceOptions {
  days: number;
}

/** Defines `lkps usage`. */
export function describeUsage(command: Command): Command {
  return addServiceOptions(command)
    .addOption(days())
    .summary("show how much each client used it")
    .description("Shows each client's sessions with the calling agent, and for how long it joined them.");
}

/** Runs `lkps usage`. */
export async function usage({ days, ...options }: UsageOptions): Promise<ExitCode> {
  const call = {
    method: "GET",
    path: `/api/agent/usage?days=${days}`,
    what: "Asking for the usage",
  } as const;
  return await callAndPrint(options, call, async ({ body }) => ({
    text: usageText(await readResponse("Usage", body)),
  }));
}

function usageText({ days, clients, complete }: Response<"Usage">): string[] {
  if (clients.length === 0)
    return [`No client started a session in the last ${days === 1 ? "day" : `${days} days`}.`];
  const row = (sessions: string, joined: string, minutes: string, latest: string, client: string) =>
    `${sessions.padStart(8)}${joined.padStart(8)}${minutes.padStart(10)}  ${latest.padEnd(26)}${client}`;
  return [
    paint("bold", row("Sessions", "Joined", "Minutes", "Latest", "Client")),
    ...clients.map(({ client_app_id: client, sessions, joined, minutes, last_started_at: latest }) =>
      row(String(sessions), String(joined), minutes.toFixed(1), latest, client),
    ),
    ...(complete ? [] : ["LKPS does not count all of them, because there are too many."]),
  ];
}
