import type { Command } from "commander";
import type { ClientId } from "../../src/domain/client-id.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { type GraphOptions, graphUrl, openGraph } from "../graph/open-graph.ts";
import { agent, client, type JsonOption, json, local, tenant } from "../options.ts";
import { print, printJson } from "../terminal.ts";
import { checkClient } from "./check-client.ts";
import { checkJson } from "./check-json.ts";
import { checkText } from "./check-text.ts";

interface CheckOptions extends GraphOptions, JsonOption {
  agent: ClientId;
  client: ClientId;
}

/** Defines `lkps check`. */
export function describeCheck(command: Command): Command {
  for (const option of [agent(), client(), tenant(), graphUrl(), ...local(), json()])
    command.addOption(option);
  return command
    .summary("check whether a client may start sessions with an agent")
    .description(
      "Runs the three checks of LKPS on the agent's app registration, with your own sign-in (az login is enough), and " +
        "shows how to fix what failed. It does not call LKPS. Exit codes: 0 allowed, 1 denied, 2 error.",
    );
}

/** Runs `lkps check`. */
export async function check({ agent, client, json, ...graphOptions }: CheckOptions): Promise<ExitCode> {
  const graph = await openGraph(graphOptions);
  const result = await checkClient(graph, agent, client);
  if (json) printJson(checkJson(result, graph));
  else print(checkText(result, graph));
  return result.allowed ? exitCodes.yes : exitCodes.no;
}
