import type { Command } from "commander";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { findClientId } from "../find-client-id.ts";
import { type GraphOptions, graphUrl, openGraph } from "../graph/open-graph.ts";
import { agent, client, type JsonOption, json, local, tenant } from "../options.ts";
import { type AskOptions, askEnforcement } from "../service/ask-enforcement.ts";
import { url } from "../service/service-command.ts";
import { callerOptions } from "../sign-in/caller-token.ts";
import { print, printJson } from "../terminal.ts";
import { applyEnforcement } from "./apply-enforcement.ts";
import { checkClient } from "./check-client.ts";
import { checkJson } from "./check-json.ts";
import { checkText } from "./check-text.ts";

interface CheckOptions extends GraphOptions, AskOptions, JsonOption {
  agent: string;
  client: string;
}

/** Defines `lkps check`. */
export function describeCheck(command: Command): Command {
  const options = [agent(), client(), tenant(), graphUrl(), url(), ...callerOptions(), ...local(), json()];
  for (const option of options) command.addOption(option);
  return command
    .summary("check it yourself, with your own sign-in, and see how to fix it")
    .description(
      "Runs the three checks of LKPS with your own sign-in (az login is enough). To ask LKPS itself as the agent or the " +
        "client, use evaluate; for all clients of an agent, report.\n\n" +
        "It reads the agent's app registration and shows how to fix what failed. With --local, or with the address of LKPS " +
        "and an access token of the agent or the client, it also asks LKPS whether enforcement is on. Exit codes: 0 " +
        "allowed, 1 denied, 2 error.",
    );
}

/** Runs `lkps check`. */
export async function check(options: CheckOptions): Promise<ExitCode> {
  const [agentId, clientId] = [
    await findClientId(options.agent, options),
    await findClientId(options.client, options),
  ];
  const graph = await openGraph(options);
  const checked = await checkClient(graph, agentId, clientId);
  const service = await askEnforcement(options, agentId, clientId);
  const result = applyEnforcement(checked, service, options.local ? options.entraUrl : null);
  if (options.json) printJson(checkJson(result, graph));
  else print(checkText(result, graph));
  return result.allowed ? exitCodes.yes : exitCodes.no;
}
