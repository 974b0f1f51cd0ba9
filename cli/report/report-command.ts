import { writeFile } from "node:fs/promises";
import { type Command, Option } from "commander";
import type { ClientId } from "../../src/domain/client-id.ts";
import { CliError } from "../cli-error.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { type GraphOptions, graphUrl, openGraph } from "../graph/open-graph.ts";
import { agent, local, tenant, wholeNumber } from "../options.ts";
import { resolveOutputFile } from "../output-file.ts";
import { serviceUrl, url } from "../service/service-command.ts";
import { type CallerOptions, callerOptions, callerToken, namesCaller } from "../sign-in/caller-token.ts";
import { mark, print } from "../terminal.ts";
import { askService } from "./ask-service.ts";
import { gatherReport } from "./gather-report.ts";
import type { ReportData, ServiceResult } from "./report-data.ts";
import { reportPage } from "./report-page.ts";
import { verdictOf } from "./verdict.ts";

interface ReportOptions extends GraphOptions, CallerOptions {
  agent: ClientId;
  output?: string;
  url?: string;
  days: number;
}

/** Defines `lkps report`. */
export function describeReport(command: Command): Command {
  const output = new Option(
    "-o, --output <file>",
    "the file to write, or - for standard output (default: <agent's client id>.html)",
  );
  const days = new Option("--days <n>", "the number of days of usage to show, 1 to 30")
    .argParser(wholeNumber(1, 30))
    .default(7);
  for (const option of [agent(), output, tenant(), graphUrl(), url(), ...callerOptions(), ...local(), days]) {
    command.addOption(option);
  }
  return command
    .summary("write a page about an agent: who may connect, why, and how to fix what is wrong")
    .description(
      "Writes a self-contained HTML page about an agent, with your own sign-in (az login is enough). With the address of " +
        "LKPS and the agent's own token, the page also shows the registration, the latest sessions, and who would be " +
        "denied with enforcement on. Exit codes: 0 written, 2 error, or written without the part from LKPS.",
    );
}

/** Runs `lkps report`. */
export async function report(options: ReportOptions): Promise<ExitCode> {
  const graph = await openGraph(options);
  const service = await askServiceIfPossible(options);
  const data = await gatherReport(graph, options.agent, service);
  await writeReport(options.output ?? `${options.agent}.html`, await reportPage(data), data);
  if (service === null || !("failure" in service)) return exitCodes.yes;
  const warning = `${mark("unknown")} The report does not include information from LKPS. ${service.failure}`;
  print([warning], process.stderr);
  return exitCodes.error;
}

/** Asks LKPS if an address and a caller are given. If it fails, the report is written without it. */
async function askServiceIfPossible(options: ReportOptions): Promise<ServiceResult> {
  if (!namesCaller(options) || (options.url === undefined && !options.local)) return null;
  try {
    return await askService(serviceUrl(options), await callerToken(options), options.agent, options.days);
  } catch (error) {
    if (error instanceof CliError) return { failure: error.message };
    throw error;
  }
}

async function writeReport(output: string, page: string, data: ReportData): Promise<void> {
  if (output === "-") {
    process.stdout.write(page);
    return;
  }
  try {
    await writeFile(resolveOutputFile(output), page);
  } catch (error) {
    throw new CliError("file_not_written", `Could not write ${output}: ${(error as Error).message}.`, error);
  }
  print([`${mark("good")} ${output}`, `  ${verdictOf(data).sentence}`]);
}
