import type { Command } from "commander";
import { CliError } from "../cli-error.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { findClientId } from "../find-client-id.ts";
import { agent, client } from "../options.ts";
import { paint } from "../terminal.ts";
import { decisionLine, EVALUATION_PATH, evaluationBody } from "./evaluation-request.ts";
import { readResponse } from "./read-response.ts";
import { addServiceOptions, callAndPrint, type ServiceOptions } from "./service-command.ts";

interface EvaluateOptions extends ServiceOptions {
  agent?: string;
  client?: string;
}

/** Defines `lkps evaluate`. */
export function describeEvaluate(command: Command): Command {
  for (const option of [agent(), client()]) command.addOption(option.makeOptionMandatory(false));
  return addServiceOptions(command)
    .summary("ask LKPS, as the agent or the client")
    .description(
      "Asks LKPS for its decision, without starting a session. To see how to fix a denial, or if you have no access " +
        "token of the agent or the client, use check.\n\n" +
        "The caller is the agent or the client; name the other one. Exit codes: 0 allowed, 1 denied, 2 error.",
    );
}

/** Runs `lkps evaluate`. */
export async function evaluate({
  agent: agentText,
  client: clientText,
  ...options
}: EvaluateOptions): Promise<ExitCode> {
  if (agentText === undefined && clientText === undefined) {
    throw new CliError(
      "nobody_named",
      "Name the agent with --agent, or the client with --client. The other one is the caller.",
    );
  }
  const named = async (text: string | undefined) =>
    text === undefined ? undefined : await findClientId(text, options);
  const [agentId, clientId] = [await named(agentText), await named(clientText)];
  const idsFor = (caller: string | null) => ({ agent: agentId ?? caller, client: clientId ?? caller });
  return await callAndPrint(
    options,
    (caller) => {
      const { agent, client } = idsFor(caller);
      if (agent === null || client === null)
        throw new CliError(
          "caller_unknown",
          "The access token does not show whose it is. Use both --agent and --client.",
        );
      return {
        method: "POST",
        path: EVALUATION_PATH,
        body: evaluationBody(client, agent),
        what: "Asking for the decision",
      };
    },
    async ({ body, caller }) => {
      const { decision, context } = await readResponse("Decision", body);
      const { agent, client } = idsFor(caller);
      return {
        text: [
          `Agent   ${agent}`,
          `Client  ${client}`,
          "",
          decisionLine(decision, context.code),
          paint("dim", `decision_id ${context.decision_id}`),
        ],
        shownIds: [agent, client],
        exitCode: decision ? exitCodes.yes : exitCodes.no,
      };
    },
  );
}
