import { type Command, Option } from "commander";
import { defaultPorts } from "../../dev/local-names.ts";
import { httpUrl } from "../options.ts";
import { type ExitCode, exitCodes } from "../outcome.ts";
import { waiting } from "../progress.ts";
import { addressOf, addServiceOptions, type ServiceOptions } from "../service/service-command.ts";
import { callerToken, saysWhoCalls } from "../sign-in/service.ts";
import { indented, type Mark, mark, paint, print, printJson } from "../terminal.ts";
import { examineCode, examineEscapes, examineWebSocket } from "./bypass.ts";
import type { Finding } from "./finding.ts";
import { examineBadToken, examineFunctionKey, examineWithoutToken, examineWithToken } from "./gateway.ts";
import { examineHealth, examineReadiness } from "./health.ts";
import { examineTls } from "./tls.ts";

interface DoctorOptions extends ServiceOptions {
  appUrl?: string;
}

const MARKS = {
  good: "good",
  bad: "bad",
  unknown: "unknown",
  skipped: "waiting",
} as const satisfies Record<Finding["outcome"], Mark>;

/** `lkps doctor`: is this deployment as it must be? */
export function describeDoctor(command: Command): Command {
  return addServiceOptions(command)
    .addOption(
      new Option("--app-url <url>", "the app's own address, past the gateway")
        .env("LKPS_APP_URL")
        .argParser(httpUrl),
    )
    .summary("is a deployment as it must be?")
    .description(
      "Looks at a deployment from outside: TLS, health, what it depends on, whether a caller could pass for another, and " +
        "whether a path, a WebSocket or a key in the query leads past the gateway's routes. " +
        "It changes nothing; refused requests about ids that nobody has are left in the log. " +
        "Exit code: 0 all is good, 1 something is not, 2 something could not be told.",
    );
}

/** Carries it out. */
export async function doctor(options: DoctorOptions): Promise<ExitCode> {
  const url = addressOf(options);
  const token = saysWhoCalls(options) ? await callerToken(options) : undefined;
  const findings = await waiting("Looking", () => examine(url, appUrlOf(options), token));
  const exitCode = exitCodeOf(findings);
  if (options.json) printJson({ url, healthy: exitCode === exitCodes.yes, findings });
  else print(text(url, findings));
  return exitCode;
}

async function examine(
  url: string,
  appUrl: string | undefined,
  token: string | undefined,
): Promise<Finding[]> {
  const [health, tls] = await Promise.all([examineHealth(url), examineTls(url)]);
  const [reachable, ...rest] = health;
  const isReachable = reachable?.outcome === "good";
  const isSafe = !tls.some(({ outcome }) => outcome === "bad");
  const safeToken = isSafe ? token : undefined;
  const behind = isReachable
    ? await Promise.all([
        examineReadiness(url),
        examineWithoutToken(url),
        examineBadToken(url),
        examineWithToken(url, token, isSafe),
        examineEscapes(url, safeToken),
        examineCode(url, safeToken),
        examineWebSocket(url),
      ])
    : [];
  const ends = [...(reachable === undefined ? [] : [reachable]), ...tls, ...rest, ...behind.flat()];
  return [...ends, await examineFunctionKey(appUrl)];
}

function appUrlOf({ appUrl, local, url }: DoctorOptions): string | undefined {
  return appUrl ?? (local && url === undefined ? `http://127.0.0.1:${defaultPorts.app}` : undefined);
}

function exitCodeOf(findings: readonly Finding[]): ExitCode {
  if (findings.some(({ outcome }) => outcome === "bad")) return exitCodes.no;
  return findings.some(({ outcome }) => outcome === "unknown") ? exitCodes.couldNotTell : exitCodes.yes;
}

function text(url: string, findings: readonly Finding[]): string[] {
  const width = Math.max(...findings.map(({ name }) => name.length)) + 2;
  const count = (outcome: Finding["outcome"], words: string) => {
    const number = findings.filter((finding) => finding.outcome === outcome).length;
    return number === 0 ? [] : [`${number} ${words}`];
  };
  return [
    paint("bold", url),
    ...findings.flatMap(({ name, outcome, found, advice }) => [
      `${mark(MARKS[outcome])} ${name.padEnd(width)}${found}`,
      ...(advice === null ? [] : indented(width + 2, [advice])),
    ]),
    "",
    [
      ...count("good", "good"),
      ...count("bad", "not as it must be"),
      ...count("unknown", "could not be told"),
      ...count("skipped", "skipped"),
    ].join(", "),
  ];
}
