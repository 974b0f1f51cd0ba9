import type { Command } from "commander";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { authorizationText, isAllRight } from "./authorization-text.ts";
import { type Response, readResponse } from "./read-response.ts";
import { addServiceOptions, callAndPrint, type ServiceOptions } from "./service-command.ts";

/** Defines `lkps authorization`. */
export function describeAuthorization(command: Command): Command {
  return addServiceOptions(command)
    .summary("show who may start sessions with the calling agent")
    .description(
      "Shows the calling agent's registration, its scope and its authorized client applications as LKPS reads them, and " +
        "what to fix. To check an agent without calling LKPS, use lkps report. Exit codes: 0 nothing to fix, or opted out " +
        "of enforcement; 1 something to fix; 2 error.",
    );
}

/** Runs `lkps authorization`. */
export async function authorization(options: ServiceOptions): Promise<ExitCode> {
  const call = {
    method: "GET",
    path: "/api/agent/authorization",
    what: "Reading the authorization",
  } as const;
  return await callAndPrint(options, call, async (body) => {
    const response = await readResponse("Authorization", body);
    return { text: authorizationText(response), exitCode: exitCodeOf(response) };
  });
}

/** An agent that opted out has nothing to fix until enforcement is on. */
function exitCodeOf(response: Response<"Authorization">): ExitCode {
  const isFine = response.enforce_client_authz === false || isAllRight(response);
  return isFine ? exitCodes.yes : exitCodes.no;
}
