import { Option } from "commander";
import { type AskGraph, createGraphClient } from "../../src/adapters/graph/graph-client.ts";
import { httpUrl, type LocalOptions } from "../options.ts";
import { CouldNotTell } from "../outcome.ts";
import { azureToken } from "../sign-in/azure.ts";
import { localGraphToken } from "../sign-in/local.ts";
import { factsOf } from "../sign-in/token-facts.ts";

/** Which Graph is asked, and by which sign-in. */
export interface GraphOptions extends LocalOptions {
  graphUrl: string;
  tenant?: string;
}

/** Microsoft Graph, asked by whoever runs the command. */
export interface OwnGraph {
  readonly ask: AskGraph;
  readonly url: string;
  /** The user or application that is signed in, as far as its token says. */
  readonly signedInAs: string | null;
  readonly tenantId: string | null;
}

const GRAPH = "https://graph.microsoft.com";

/** The option of every command that reads app registrations by the caller's own sign-in. */
export const graphUrl = () =>
  new Option("--graph-url <url>", "Microsoft Graph of another cloud, or a stand-in")
    .argParser(httpUrl)
    .default(GRAPH);

/**
 * Signs in and opens Graph.
 *
 * @throws CouldNotTell where nobody is signed in
 */
export async function openGraph(options: GraphOptions): Promise<OwnGraph> {
  const url = options.local ? options.entraUrl : options.graphUrl;
  requirePrivate(url);
  const token = options.local
    ? await localGraphToken(options)
    : await azureToken(`${url}/.default`, options.tenant);
  const facts = factsOf(token);
  return {
    ask: createGraphClient(url, async () => token),
    url,
    signedInAs: facts?.user ?? facts?.application ?? null,
    tenantId: facts?.tenantId ?? null,
  };
}

/**
 * Refuses an address to which a token would travel in the clear.
 *
 * @throws CouldNotTell `insecure_address`
 */
export function requirePrivate(address: string): void {
  const { protocol, hostname } = new URL(address);
  if (protocol === "https:" || isLoopback(hostname)) return;
  throw new CouldNotTell(
    "insecure_address",
    `${address}: an access token is sent over https only. Use https.`,
  );
}

/** Whether a host name is this machine's own. */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}
