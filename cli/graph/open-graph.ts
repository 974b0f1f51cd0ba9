import { Option } from "commander";
import { httpUrl, type LocalOptions } from "../options.ts";
import { requireSecureUrl } from "../secure-url.ts";
import { azureToken } from "../sign-in/azure-sign-in.ts";
import { localGraphToken } from "../sign-in/local-sign-in.ts";
import { readClaims } from "../sign-in/token-claims.ts";
import { createGraphClient, type GraphClient } from "./graph-client.ts";

/** Which Graph is read, and as whom. */
export interface GraphOptions extends LocalOptions {
  graphUrl: string;
  tenant?: string;
}

/** The option of the commands that read app registrations. */
export const graphUrl = () =>
  new Option("--graph-url <url>", "Microsoft Graph in another cloud")
    .argParser(httpUrl)
    .default("https://graph.microsoft.com");

/**
 * Signs in and opens Graph.
 *
 * @param patienceMs - the longest wait for the sign-in and for each answer; set it for optional information only
 * @throws CliError `not_signed_in`, `insecure_address` or `local_stack_missing`
 */
export async function openGraph(options: GraphOptions, patienceMs?: number): Promise<GraphClient> {
  const url = options.local ? options.entraUrl : options.graphUrl;
  // Before the sign-in, which may take a while.
  requireSecureUrl(url);
  const token = options.local
    ? await localGraphToken(options.entraUrl)
    : await azureToken(`${url}/.default`, options.tenant, patienceMs);
  const claims = readClaims(token);
  const access = {
    url,
    signedInAs: claims?.user ?? claims?.application ?? null,
    tenantId: claims?.tenantId ?? null,
  };
  return createGraphClient(access, token, patienceMs);
}
