import { type Command, Option } from "commander";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { wholeNumber } from "../options.ts";
import { mark, paint } from "../terminal.ts";
import { type Response, readResponse } from "./read-response.ts";
import { addServiceOptions, callAndPrint, type ServiceOptions } from "./service-command.ts";

interface RehearsalOptions extends ServiceOptions {
  days: number;
}

/** The option for the period whose usage is shown. */
export const days = () =>
  new Option("--days <n>", "the number of past days to look at, 1 to 30")
    .argParser(wholeNumber(1, 30))
    .default(7);

/** Defines `lkps rehearsal`. */
export function describeRehearsal(command: Command): Command {
  return addServiceOptions(command)
    .addOption(days())
    .summary("dry run, as the agent: who would be denied if enforcement were on")
    .description(
      "A dry run of enforcement: which clients that used the agent lately would be denied. For the clients that are " +
        "pre-authorized, used or not, use authorization.\n\n" +
        "Exit codes: 0 none of them, 1 at least one, 2 error.",
    );
}

/** Runs `lkps rehearsal`. */
export async function rehearsal({ days, ...options }: RehearsalOptions): Promise<ExitCode> {
  const path = `/api/agent/authorization/rehearsal?days=${days}`;
  const call = { method: "GET", path, what: "Asking for the dry run" } as const;
  return await callAndPrint(options, call, async ({ body }) => {
    const response = await readResponse("Rehearsal", body);
    const isFine = response.clients.every(({ may_start_sessions: isAllowed }) => isAllowed);
    return { text: rehearsalText(response), exitCode: isFine ? exitCodes.yes : exitCodes.no };
  });
}

function rehearsalText({ days, clients, complete }: Response<"Rehearsal">): string[] {
  const period = days === 1 ? "day" : `${days} days`;
  if (clients.length === 0) return [`No client started a session in the last ${period}.`];
  const denied = clients.filter(({ may_start_sessions: isAllowed }) => !isAllowed).length;
  const codeWidth = Math.max("Decision".length, ...clients.map(({ code }) => code.length)) + 2;
  const row = (sign: string, code: string, sessions: string, latest: string, client: string) =>
    `   ${sign} ${code.padEnd(codeWidth)}${sessions.padStart(8)}  ${latest.padEnd(26)}${client}`;
  return [
    `${mark(denied === 0 ? "good" : "bad")} ${denied === 0 ? "None" : denied} of the clients that used the agent in the last ${period} would be denied with enforcement on`,
    "",
    paint("bold", row(" ", "Decision", "Sessions", "Latest", "Client")),
    ...clients.map(
      ({ client_app_id: client, sessions, last_started_at: latest, may_start_sessions: isAllowed, code }) =>
        row(mark(isAllowed ? "good" : "bad"), code, String(sessions), latest, client),
    ),
    ...(complete ? [] : ["     LKPS does not list all of them, because there are too many."]),
  ];
}
