import { writeFile } from "node:fs/promises";
import { type Command, Option } from "commander";
import type { ClientId } from "../../src/domain/client-id.ts";
import { type GraphOptions, graphUrl, openGraph } from "../graph/open-graph.ts";
import { agent, local, tenant, wholeNumber } from "../options.ts";
import { CouldNotTell, type ExitCode, exitCodes } from "../outcome.ts";
import { addressOf, url } from "../service/service-command.ts";
import { fileOf } from "../service/write-secret.ts";
import { type CallerOptions, callerOptions, callerToken, saysWhoCalls } from "../sign-in/service.ts";
import { mark, print } from "../terminal.ts";
import { askService } from "./ask-service.ts";
import { gatherReport } from "./gather.ts";
import { reportPage } from "./page.ts";
import type { ReportData, ReportedService } from "./report-data.ts";
import { verdictOf } from "./verdict.ts";

interface ReportOptions extends GraphOptions, CallerOptions {
  agent: ClientId;
  output?: string;
  url?: string;
  days: number;
}

/** `lkps report`: one page about an agent. */
export function describeReport(command: Command): Command {
  const output = new Option(
    "-o, --output <file>",
    "where to write it, - for standard output; agent's id.html if not given",
  );
  const days = new Option("--days <n>", "how far the rehearsal looks back, 1 to 30")
    .argParser(wholeNumber(1, 30))
    .default(7);
  for (const option of [agent(), output, tenant(), graphUrl(), url(), ...callerOptions(), ...local(), days]) {
    command.addOption(option);
  }
  return command
    .summary("one page about an agent: who may connect, why, and what to mend")
    .description(
      "Writes one self-contained HTML page about an agent, by your own sign-in (az login is enough). With the address of " +
        "LKPS and the agent's own token, also whether it is registered, its last sessions, and who would be refused if " +
        "enforcement were on.",
    );
}

/** Carries it out. */
export async function report(options: ReportOptions): Promise<ExitCode> {
  const graph = await openGraph(options);
  const service = await serviceOf(options);
  const data = await gatherReport(graph, options.agent, service);
  await write(options.output ?? `${options.agent}.html`, await reportPage(data), data);
  if (typeof service !== "string") return exitCodes.yes;
  print([`${mark("unknown")} What LKPS itself says is not in it. ${service}`], process.stderr);
  return exitCodes.couldNotTell;
}

/** What LKPS says, if it is to be asked; its silence is no reason to write no report. */
async function serviceOf(options: ReportOptions): Promise<ReportedService | string | null> {
  if (!saysWhoCalls(options) || (options.url === undefined && !options.local)) return null;
  try {
    return await askService(addressOf(options), await callerToken(options), options.agent, options.days);
  } catch (error) {
    if (error instanceof CouldNotTell) return error.message;
    throw error;
  }
}

async function write(output: string, page: string, data: ReportData): Promise<void> {
  if (output === "-") {
    process.stdout.write(page);
    return;
  }
  try {
    await writeFile(fileOf(output), page);
  } catch (error) {
    throw new CouldNotTell("file_not_written", `${output}: ${(error as Error).message}.`, error);
  }
  print([`${mark("good")} ${output}`, `  ${verdictOf(data).sentence}`]);
}
