import { type Command, Option } from "commander";
import { defaultPorts } from "../../dev/local-names.ts";
import { httpUrl, type JsonOption, json, local, tenant } from "../options.ts";
import { CouldNotTell, type ExitCode, exitCodes } from "../outcome.ts";
import { type CallerOptions, callerOptions, callerToken } from "../sign-in/service.ts";
import { factsOf } from "../sign-in/token-facts.ts";
import { paint, print, printJson } from "../terminal.ts";
import { callService, type ServiceAnswer, type ServiceCall } from "./call-service.ts";
import { exitCodeOf, problemText } from "./problem.ts";

/** Which LKPS is asked, and who asks. */
export interface ServiceOptions extends CallerOptions, JsonOption {
  url?: string;
}

/** The address of LKPS or of the gateway in front of it. */
export const url = () =>
  new Option("--url <url>", "the address of LKPS, or of the gateway in front of it")
    .env("LKPS_URL")
    .argParser(httpUrl);

/** Adds what every command has that asks a running LKPS. */
export function addServiceOptions(command: Command): Command {
  for (const option of [url(), ...callerOptions(), tenant(), ...local(), json()]) command.addOption(option);
  return command;
}

/**
 * The address to ask; the local stack's gateway where nothing else is said.
 *
 * @throws CouldNotTell where there is none
 */
export function addressOf({ url: address, local }: Pick<ServiceOptions, "url" | "local">): string {
  if (address !== undefined) return address;
  if (local) return `http://127.0.0.1:${defaultPorts.gateway}`;
  throw new CouldNotTell("no_address", "Say where LKPS is: --url https://lkps.example.com, or --local.");
}

/** Asks, and shows the answer: as JSON, or as `text` has it for a success; `exitCode` may say that it is not well. */
export async function askAndShow(
  options: ServiceOptions,
  call: Pick<ServiceCall, "method" | "path" | "body" | "what">,
  text: (body: ServiceAnswer["body"]) => string[],
  {
    shownBody = (body) => body,
    exitCode = () => exitCodes.yes,
  }: {
    readonly shownBody?: (body: ServiceAnswer["body"]) => ServiceAnswer["body"];
    readonly exitCode?: (body: ServiceAnswer["body"]) => ExitCode;
  } = {},
): Promise<ExitCode> {
  const address = addressOf(options);
  const token = await callerToken(options);
  const answer = await callService({ url: address, token, ...call });
  const body = shownBody(answer.body);
  const isGood = answer.status >= 200 && answer.status < 300;
  // Before anything is printed: what is not LKPS's form is thrown out here, and JSON must not be followed by more.
  const ended = isGood ? exitCode(answer.body) : exitCodeOf(answer);
  if (options.json) printJson(body);
  else {
    const caller = factsOf(token)?.application ?? "the token's application";
    print([
      paint("dim", `${address}, as ${caller}`),
      "",
      ...(isGood ? text(body) : problemText(answer, address)),
    ]);
  }
  return ended;
}
