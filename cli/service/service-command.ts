import { type Command, Option } from "commander";
import { CliError } from "../cli-error.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { httpUrl, type JsonOption, json, local, tenant } from "../options.ts";
import { type CallerOptions, callerOptions, callerToken } from "../sign-in/caller-token.ts";
import { localPorts } from "../sign-in/local.ts";
import { readClaims } from "../sign-in/token-claims.ts";
import { paint, print, printJson } from "../terminal.ts";
import { callService, type ServiceAnswer, type ServiceCall } from "./call-service.ts";
import { problemExitCode, problemText } from "./problem-text.ts";

/** Which LKPS is called, and by whom. */
export interface ServiceOptions extends CallerOptions, JsonOption {
  url?: string;
}

/** What a command prints for an answer. */
interface Output {
  readonly text: readonly string[];
  /** For `--json`, if it is not the answer itself. */
  readonly json?: unknown;
  /** Yes, if not given. */
  readonly exitCode?: ExitCode;
}

/** The option for the address of LKPS. */
export const url = () =>
  new Option("--url <url>", "the address of LKPS, or of the gateway in front of it")
    .env("LKPS_URL")
    .argParser(httpUrl);

/** Adds the options of every command that calls LKPS. */
export function addServiceOptions(command: Command): Command {
  for (const option of [url(), ...callerOptions(), tenant(), ...local(), json()]) command.addOption(option);
  return command;
}

/**
 * The address of LKPS; with `--local`, the local gateway by default.
 *
 * @throws CliError `no_address`
 */
export function serviceUrl({ url: address, local }: Pick<ServiceOptions, "url" | "local">): string {
  if (address !== undefined) return address;
  if (local) return `http://127.0.0.1:${localPorts.gateway}`;
  throw new CliError(
    "no_address",
    "Give the address of LKPS, such as --url https://lkps.example.com, or use --local.",
  );
}

/** Calls LKPS and prints the answer; `output` is for a successful one. */
export async function callAndPrint(
  options: ServiceOptions,
  call: Pick<ServiceCall, "method" | "path" | "body" | "what">,
  output: (body: ServiceAnswer["body"]) => Output | Promise<Output>,
): Promise<ExitCode> {
  const address = serviceUrl(options);
  const token = await callerToken(options);
  const answer = await callService({ url: address, token, ...call });
  const isSuccess = answer.status >= 200 && answer.status < 300;
  const { text, json, exitCode }: Output = isSuccess
    ? await output(answer.body)
    : { text: problemText(answer, address), exitCode: problemExitCode(answer) };
  if (options.json) printJson(json ?? answer.body);
  else {
    const caller = readClaims(token)?.application ?? "the token's application";
    print([paint("dim", `${address}, as ${caller}`), "", ...text]);
  }
  return exitCode ?? exitCodes.yes;
}
