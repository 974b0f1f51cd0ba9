import { InvalidArgumentError, Option } from "commander";
import { defaultPorts } from "../dev/local-names.ts";
import { type ClientId, parseClientId } from "../src/domain/client-id.ts";

/** `--json`: for programs; the members stay as they are. */
export interface JsonOption {
  json?: boolean;
}

/** Where the caller's own sign-in comes from, if it is not Azure's. */
export interface LocalOptions {
  local?: boolean;
  entraUrl: string;
  data: string;
}

export const json = () => new Option("--json", "print JSON, for programs");

export const agent = () =>
  new Option("--agent <id>", "the agent's client id").argParser(clientId).makeOptionMandatory();

export const client = () =>
  new Option("--client <id>", "the client application's client id").argParser(clientId).makeOptionMandatory();

export const tenant = () =>
  new Option("--tenant <id>", "the tenant to sign in to; the sign-in's own if not given");

/** The options of the local stack. */
export const local = () => [
  new Option("--local", "use the local stack that `npm start` runs"),
  new Option("--entra-url <url>", "with --local: its Entra stand-in")
    .env("LKPS_ENTRA_URL")
    .argParser(httpUrl)
    .default(`http://127.0.0.1:${defaultPorts.entra}`),
  new Option("--data <dir>", "with --local: the folder that `npm start` keeps its data in")
    .env("LKPS_DATA")
    .default(".local"),
];

/** Parses a whole number within bounds. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!/^\d+$/.test(text) || number < least || number > most) {
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    }
    return number;
  };
}

/** Parses an address, without the slash at its end. */
export function httpUrl(text: string): string {
  const url = URL.parse(text);
  if (url === null || !["https:", "http:"].includes(url.protocol)) {
    throw new InvalidArgumentError("It must be an address like https://lkps.example.com.");
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new InvalidArgumentError("It must be an address and nothing more: no user, query or fragment.");
  }
  return text.replace(/\/+$/, "");
}

function clientId(text: string): ClientId {
  const parsed = parseClientId(text.trim());
  if (parsed !== undefined) return parsed;
  throw new InvalidArgumentError(
    "It must be a client id like 12345678-90ab-cdef-1234-567890abcdef: the Application (client) ID in the portal.",
  );
}
