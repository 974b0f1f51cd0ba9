import type { Command } from "commander";
import { type ExitCode, exitCodes } from "../outcome.ts";
import { authorizationAnswer } from "./answers.ts";
import { authorizationText } from "./authorization-text.ts";
import { addServiceOptions, askAndShow, type ServiceOptions } from "./service-command.ts";

/** `lkps authorization`: what LKPS sees of the calling agent. */
export function describeAuthorization(command: Command): Command {
  return addServiceOptions(command)
    .summary("who may start sessions with the calling agent, as LKPS sees it")
    .description(
      "Shows the calling agent's authorization as LKPS reads it: its registration, its scope, every client, and what to " +
        "mend. Without LKPS: lkps report. Exit code: 0 nothing to mend, or opted out of enforcement, 1 something to mend, " +
        "2 could not tell.",
    );
}

/** With enforcement off nothing is wrong: what there is to mend is for when it is turned on. */
function exitCodeOfAuthorization(body: unknown): ExitCode {
  const { registered, enforce_client_authz: enforces, repairs } = authorizationAnswer(body);
  const isWell = enforces === false || (registered && repairs.length === 0);
  return isWell ? exitCodes.yes : exitCodes.no;
}

/** Carries it out. */
export async function authorization(options: ServiceOptions): Promise<ExitCode> {
  const call = {
    method: "GET",
    path: "/api/agent/authorization",
    what: "Reading the authorization",
  } as const;
  return await askAndShow(options, call, authorizationText, { exitCode: exitCodeOfAuthorization });
}
