import { InvalidArgumentError, Option } from "commander";
import { localUrls } from "./sign-in/local-defaults.ts";

/** `--json`: output for programs. Members may be added, but not removed or renamed. */
export interface JsonOption {
  json?: boolean;
}

/** Whether the local stack is used instead of Azure. */
export interface LocalOptions {
  local?: boolean;
  entraUrl: string;
}

export const json = () => new Option("--json", "print JSON instead of text");

export const agent = () =>
  new Option("--agent <id>", "the agent's client id, or with --local its name").makeOptionMandatory();

export const client = () =>
  new Option(
    "--client <id>",
    "the client application's client id, or with --local its name",
  ).makeOptionMandatory();

export const tenant = () =>
  new Option("--tenant <id>", "the tenant to sign in to (default: the tenant of your sign-in)");

/** The options for the local stack. */
export const local = () => [
  new Option("--local", "use the local stack started by `npm start`"),
  new Option("--entra-url <url>", "with --local: the address of the Entra stand-in")
    .env("LKPS_ENTRA_URL")
    .argParser(httpUrl)
    .default(localUrls.entra),
];

/** Parses a whole number within limits. */
export function wholeNumber(minValue: number, maxValue: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!/^\d+$/.test(text) || number < minValue || number > maxValue) {
      throw new InvalidArgumentError(`Enter a whole number from ${minValue} to ${maxValue}.`);
    }
    return number;
  };
}

/** Parses an address and removes a trailing slash. */
export function httpUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !["https:", "http:"].includes(url.protocol)) {
    throw new InvalidArgumentError("Enter an address such as https://lkps.example.com.");
  }
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw new InvalidArgumentError("Enter an address without a user name, query or fragment.");
  }
  return text.replace(/\/+$/, "");
}
