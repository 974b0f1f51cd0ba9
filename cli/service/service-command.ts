import { type Command, Option } from "commander";
import { parseClientId } from "../../src/domain/client-id.ts";
import { addNames, clientIdsIn, lookUpNames } from "../application-names.ts";
import { CliError } from "../cli-error.ts";
import { type ExitCode, exitCodes } from "../exit-code.ts";
import { httpUrl, type JsonOption, json, local, tenant } from "../options.ts";
import { type CallerOptions, callerOptions, callerToken } from "../sign-in/caller-token.ts";
import { localUrls } from "../sign-in/local-defaults.ts";
import { readClaims } from "../sign-in/token-claims.ts";
import { paint, print, printJson } from "../terminal.ts";
import { callService, type ServiceCall, type ServiceResponse } from "./call-service.ts";
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
  /** Client ids in the text that are not in the answer. */
  readonly shownIds?: readonly unknown[];
  /** True by default. */
  readonly exitCode?: ExitCode;
}

type CallDetails = Pick<ServiceCall, "method" | "path" | "body" | "what">;

/** A successful answer, and what may help to print it. */
interface Answered {
  readonly body: ServiceResponse["body"];
  /** `null` if the token does not show whose it is. */
  readonly caller: string | null;
  /** Asks the same LKPS another question as the same caller. */
  readonly ask: (call: CallDetails) => Promise<ServiceResponse>;
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
  if (local) return localUrls.gateway;
  throw new CliError(
    "no_address",
    "Set the address of LKPS, for example with --url https://lkps.example.com, or use --local.",
  );
}

/**
 * Calls LKPS and prints the answer.
 *
 * @param call - may depend on the caller, which is `null` if the token does not show whose it is
 * @param output - for a successful answer
 */
export async function callAndPrint(
  options: ServiceOptions,
  call: CallDetails | ((caller: string | null) => CallDetails),
  output: (answered: Answered) => Output | Promise<Output>,
): Promise<ExitCode> {
  const address = serviceUrl(options);
  const token = await callerToken(options);
  const caller = readClaims(token)?.application ?? null;
  const ask = (details: CallDetails) => callService({ url: address, token, ...details });
  const response = await ask(typeof call === "function" ? call(caller) : call);
  const isSuccess = response.status >= 200 && response.status < 300;
  const { text, json, shownIds, exitCode }: Output = isSuccess
    ? await output({ body: response.body, caller, ask })
    : { text: problemText(response, address), exitCode: problemExitCode(response) };
  if (options.json) printJson(json ?? response.body);
  else {
    const ids = [caller, ...(shownIds ?? [])].flatMap((id) => parseClientId(id) ?? []);
    const names = await lookUpNames(options, [...ids, ...clientIdsIn(response.body)]);
    const heading = addNames(`${address}, as ${caller ?? "the token's application"}`, names);
    print([paint("dim", heading), "", ...text.map((line) => addNames(line, names))]);
  }
  return exitCode ?? exitCodes.yes;
}
