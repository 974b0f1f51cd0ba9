import { type Command, Option } from "commander";
import type { ClientId } from "../../src/domain/client-id.ts";
import { CliError } from "../cli-error.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { findClientId } from "../find-client-id.ts";
import { type GraphOptions, graphUrl, openGraph } from "../graph/open-graph.ts";
import { agent, type JsonOption, json, local, tenant } from "../options.ts";
import { requireNewFile, resolveOutputFile, writePrivateFile } from "../output-file.ts";
import { type AskOptions, canAsk, localTokenOf } from "../service/ask-enforcement.ts";
import { days } from "../service/rehearsal.ts";
import { serviceUrl, url } from "../service/service-command.ts";
import { callerOptions, callerToken, namesCaller } from "../sign-in/caller-token.ts";
import { mark, print, printJson } from "../terminal.ts";
import { askService } from "./ask-service.ts";
import { gatherReport } from "./gather-report.ts";
import type { ServiceResult } from "./report-data.ts";
import { reportPage } from "./report-page.ts";
import { verdictOf } from "./verdict.ts";

interface ReportOptions extends GraphOptions, AskOptions, JsonOption {
  agent: string;
  output?: string;
  force?: boolean;
  days: number;
}

/** Defines `lkps report`. */
export function describeReport(command: Command): Command {
  const output = new Option(
    "-o, --output <file>",
    "the file to write, or - for standard output (default: <agent's client id>.html)",
  );
  const force = new Option("--force", "replace the file if it exists");
  const service = [url(), ...callerOptions(), ...local(), days()];
  for (const option of [agent(), output, force, tenant(), graphUrl(), ...service, json()])
    command.addOption(option);
  return command
    .summary("write a page: who, why, and how to fix what is wrong, with your own sign-in")
    .description(
      "Writes a self-contained HTML page about an agent and all of its clients, with your own sign-in (az login is " +
        "enough). For one client, use check; to ask LKPS as the agent, authorization.\n\n" +
        "With --local, or with the address of LKPS and the agent's own token, the page also shows the registration, the " +
        "latest sessions, and who would be denied with enforcement on. Exit codes: 0 written, 2 error, or written without " +
        "the part from LKPS.",
    );
}

/** Runs `lkps report`. */
export async function report(options: ReportOptions): Promise<ExitCode> {
  const { output, force, json: asJson } = options;
  if (asJson && output === "-") {
    const message = "With --json, standard output is for the JSON. Name a file with --output.";
    throw new CliError("usage_error", message);
  }
  const agentId = await findClientId(options.agent, options);
  const file = output ?? `${agentId}.html`;
  if (file !== "-" && !force) requireNewFile(file, "Choose another name, or use --force.");
  const graph = await openGraph(options);
  const service = await askServiceIfPossible(options, agentId);
  const data = await gatherReport(graph, agentId, service);
  const failure = service !== null && "failure" in service ? service.failure : null;
  const page = await reportPage(data);
  if (file === "-") process.stdout.write(page);
  else await writePrivateFile(file, page, force);
  const { sentence } = verdictOf(data);
  const warning = `${mark("warning")} The report does not include information from LKPS. ${failure}`;
  if (asJson) printJson({ file: resolveOutputFile(file), agent_entra_app_id: agentId, sentence, failure });
  else {
    if (file !== "-") print([`${mark("good")} ${file}`, `  ${sentence}`]);
    if (failure !== null) print([warning], process.stderr);
  }
  return failure === null ? exitCodes.yes : exitCodes.error;
}

/** Asks LKPS if an address and a caller are given or local. If it fails, the report is written without it. */
async function askServiceIfPossible(options: ReportOptions, agentId: ClientId): Promise<ServiceResult> {
  if (!canAsk(options)) return null;
  try {
    const token = namesCaller(options)
      ? await callerToken(options)
      : await localTokenOf(agentId, options.entraUrl);
    return token === null ? null : await askService(serviceUrl(options), token, agentId, options.days);
  } catch (error) {
    if (error instanceof CliError) return { failure: error.message };
    throw error;
  }
}
