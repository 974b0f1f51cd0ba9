import { type Command, Option } from "commander";
import { parseClientId } from "../../src/domain/client-id.ts";
import { addNames, lookUpNames } from "../application-names.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { httpUrl } from "../options.ts";
import { withProgress } from "../progress.ts";
import { addServiceOptions, type ServiceOptions, serviceUrl } from "../service/service-command.ts";
import { callerToken, namesCaller } from "../sign-in/caller-token.ts";
import { localPorts } from "../sign-in/local-defaults.ts";
import { localNames } from "../sign-in/local-sign-in.ts";
import { readClaims } from "../sign-in/token-claims.ts";
import { indented, mark, paint, print, printJson } from "../terminal.ts";
import { checkCode, checkEscapes, checkWebSocket } from "./bypass.ts";
import type { Finding } from "./finding.ts";
import { checkBadToken, checkFunctionKey, checkWithoutToken, checkWithToken } from "./gateway.ts";
import { checkHealth, checkReadiness } from "./health.ts";
import { sendableToken } from "./sendable-token.ts";
import { checkTls } from "./tls.ts";

interface DoctorOptions extends ServiceOptions {
  appUrl?: string;
}

/** Defines `lkps doctor`. */
export function describeDoctor(command: Command): Command {
  return addServiceOptions(command)
    .addOption(
      new Option("--app-url <url>", "the app's own address, without the gateway")
        .env("LKPS_APP_URL")
        .argParser(httpUrl),
    )
    .summary("check a deployment from outside")
    .description(
      "Checks a deployment from outside, for its operators. For one client and one agent, use check.\n\n" +
        "It checks TLS, health, dependencies, whether a caller can impersonate another, and whether a path, a WebSocket or " +
        "a key in the query gets around the gateway's routes. " +
        "It changes nothing, but its requests with random ids appear in the log. " +
        "Exit codes: 0 all checks passed, 1 a check failed, 2 error, or a check gave no clear result.",
    );
}

/** Runs `lkps doctor`. */
export async function doctor(options: DoctorOptions): Promise<ExitCode> {
  const url = serviceUrl(options);
  // If the stack is down, there is nothing else to report.
  if (options.local) await localNames(options.entraUrl);
  const token = namesCaller(options) ? await callerToken(options) : undefined;
  const findings = await withProgress("Checking the deployment", () =>
    runChecks(url, appUrlFrom(options), token),
  );
  const exitCode = exitCodeOf(findings);
  if (options.json) printJson({ url, healthy: exitCode === exitCodes.yes, findings });
  else {
    const caller = token === undefined ? undefined : parseClientId(readClaims(token)?.application);
    const names = await lookUpNames(options, caller === undefined ? [] : [caller]);
    print(findingsText(url, findings).map((line) => addNames(line, names)));
  }
  return exitCode;
}

async function runChecks(
  url: string,
  appUrl: string | undefined,
  token: string | undefined,
): Promise<Finding[]> {
  const [health, { findings: tls, isSafe }] = await Promise.all([checkHealth(url), checkTls(url)]);
  const [reachable, ...rest] = health;
  const isReachable = reachable?.outcome === "good";
  const sendable = sendableToken(token, isSafe);
  const behind = isReachable
    ? await Promise.all([
        checkReadiness(url),
        checkWithoutToken(url),
        checkBadToken(url),
        checkWithToken(url, sendable),
        checkEscapes(url, sendable),
        checkCode(url, sendable),
        checkWebSocket(url),
      ])
    : [];
  const findings = [...(reachable === undefined ? [] : [reachable]), ...tls, ...rest, ...behind.flat()];
  return [...findings, await checkFunctionKey(appUrl)];
}

function appUrlFrom({ appUrl, local, url }: DoctorOptions): string | undefined {
  return appUrl ?? (local && url === undefined ? `http://127.0.0.1:${localPorts.app}` : undefined);
}

function exitCodeOf(findings: readonly Finding[]): ExitCode {
  if (findings.some(({ outcome }) => outcome === "bad")) return exitCodes.no;
  return findings.some(({ outcome }) => outcome === "unknown") ? exitCodes.error : exitCodes.yes;
}

function findingsText(url: string, findings: readonly Finding[]): string[] {
  const width = Math.max(...findings.map(({ name }) => name.length)) + 2;
  const count = (outcome: Finding["outcome"], label: string) => {
    const number = findings.filter((finding) => finding.outcome === outcome).length;
    return number === 0 ? [] : [`${number} ${label}`];
  };
  return [
    paint("bold", url),
    ...findings.flatMap(({ name, outcome, found, advice }) => [
      `${mark(outcome)} ${name.padEnd(width)}${found}`,
      ...(advice === null ? [] : indented(width + 2, [advice])),
    ]),
    "",
    [
      ...count("good", "passed"),
      ...count("bad", "failed"),
      ...count("unknown", "unclear"),
      ...count("skipped", "skipped"),
    ].join(", "),
  ];
}
