import type { Command } from "commander";
import type { ClientId } from "../../src/domain/client-id.ts";
import { type GraphOptions, graphUrl, openGraph } from "../graph/open-graph.ts";
import { agent, client, type JsonOption, json, local, tenant } from "../options.ts";
import { type ExitCode, exitCodes } from "../outcome.ts";
import { print, printJson } from "../terminal.ts";
import { checkClient } from "./check-client.ts";
import { checkJson } from "./check-json.ts";
import { checkText } from "./check-text.ts";

interface CheckOptions extends GraphOptions, JsonOption {
  agent: ClientId;
  client: ClientId;
}

/** `lkps check`: may this client start sessions with this agent? */
export function describeCheck(command: Command): Command {
  for (const option of [agent(), client(), tenant(), graphUrl(), ...local(), json()])
    command.addOption(option);
  return command
    .summary("may this client start sessions with this agent?")
    .description(
      "Makes the three checks of LKPS on the agent's app registration, by your own sign-in (az login is enough), and " +
        "says what to mend. LKPS itself is not asked. Exit code: 0 allowed, 1 denied, 2 could not tell.",
    );
}

/** Carries it out. */
export async function check({ agent, client, json, ...where }: CheckOptions): Promise<ExitCode> {
  const graph = await openGraph(where);
  const result = await checkClient(graph, agent, client);
  if (json) printJson(checkJson(result, graph));
  else print(checkText(result, graph));
  return result.allowed ? exitCodes.yes : exitCodes.no;
}
