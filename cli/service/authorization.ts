import type { Command } from "commander";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { authorizationText, isAllRight } from "./authorization-text.ts";
import { type Response, readResponse } from "./read-response.ts";
import { addServiceOptions, callAndPrint, type ServiceOptions } from "./service-command.ts";

/** Defines `lkps authorization`. */
export function describeAuthorization(command: Command): Command {
  return addServiceOptions(command)
    .summary("ask LKPS, as the agent: its pre-authorized clients, and what to fix")
    .description(
      "Asks LKPS, as the agent, which pre-authorized clients may start sessions. With your own sign-in, use report; for " +
        "one client, evaluate; for the clients that used the agent lately, rehearsal.\n\n" +
        "Shows the calling agent's registration, its scope and its pre-authorized clients as LKPS reads them, and what to " +
        "fix. Exit codes: 0 nothing to fix, or opted out of enforcement; 1 something to fix; 2 error.",
    );
}

/** Asks LKPS about the calling agent. */
export const authorizationCall = {
  method: "GET",
  path: "/api/agent/authorization",
  what: "Reading the authorization",
} as const;

/** Runs `lkps authorization`. */
export async function authorization(options: ServiceOptions): Promise<ExitCode> {
  return await callAndPrint(options, authorizationCall, async ({ body }) => {
    const response = await readResponse("Authorization", body);
    return { text: authorizationText(response), exitCode: exitCodeOf(response) };
  });
}

/** An agent that opted out has nothing to fix until enforcement is on. */
function exitCodeOf(response: Response<"Authorization">): ExitCode {
  const isFine = response.enforce_client_authz === false || isAllRight(response);
  return isFine ? exitCodes.yes : exitCodes.no;
}
