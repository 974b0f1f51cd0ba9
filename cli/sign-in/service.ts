import { Option } from "commander";
import type { LocalOptions } from "../options.ts";
import { CouldNotTell } from "../outcome.ts";
import { azureToken } from "./azure.ts";
import { localCallerToken } from "./local.ts";
import { factsOf, toolOf } from "./token-facts.ts";

/** How the caller of LKPS proves who it is: one of these. */
export interface CallerOptions extends LocalOptions {
  token?: string;
  scope?: string;
  tenant?: string;
  as?: string;
}

/** The options by which a caller of LKPS says who it is. */
export const callerOptions = () => [
  // A help text shows what an option is set to by its variable; a token must not be among that.
  new Option("--token <token>", "the caller's access token for LKPS; better in the variable LKPS_TOKEN"),
  new Option(
    "--scope <scope>",
    "or get one for LKPS, as api://<LKPS>/.default, by the sign-in on this machine",
  ).env("LKPS_SCOPE"),
  new Option("--as <name>", "with --local: which application of its directory calls"),
];

/** Whether the options say who calls, so that a command that can do without a caller knows. */
export function saysWhoCalls(options: CallerOptions): boolean {
  return tokenOf(options) !== undefined || options.scope !== undefined || options.as !== undefined;
}

/**
 * The caller's access token for LKPS.
 *
 * @throws CouldNotTell where there is none, or only one that can be nobody's whom LKPS knows
 */
export async function callerToken(options: CallerOptions): Promise<string> {
  const token = await someToken(options);
  const facts = factsOf(token);
  const tool = toolOf(facts?.application ?? null);
  if (tool !== undefined) {
    throw new CouldNotTell(
      "token_of_a_tool",
      `This token names ${tool} as the caller, as a person's sign-in does. LKPS knows agents and clients: sign in as ` +
        "the application itself (az login --service-principal, or AZURE_TENANT_ID, AZURE_CLIENT_ID and " +
        "AZURE_CLIENT_SECRET), or give its token in LKPS_TOKEN.",
    );
  }
  if (facts?.expiresAt != null && facts.expiresAt.getTime() <= Date.now()) {
    throw new CouldNotTell("token_expired", "The access token has expired: get a new one.");
  }
  return token;
}

async function someToken(options: CallerOptions): Promise<string> {
  const token = tokenOf(options)
    ?.trim()
    .replace(/^Bearer +/i, "");
  if (token !== undefined) {
    // What HTTP cannot send is quoted in the error that it makes, and a token is not to be shown.
    if (/^[\x21-\x7e]+$/.test(token)) return token;
    throw new CouldNotTell(
      "bad_token",
      "The access token given holds characters that no token has: copy it again.",
    );
  }
  if (options.local && options.as !== undefined) return await localCallerToken(options.as, options);
  if (options.local) {
    throw new CouldNotTell(
      "no_caller",
      'Say who calls: --as "everything right", for one (names: dev/entra/directory.json).',
    );
  }
  if (options.scope !== undefined) return await azureToken(options.scope, options.tenant);
  throw new CouldNotTell(
    "no_caller",
    "Say who calls: an access token in LKPS_TOKEN, --scope api://<LKPS>/.default for the sign-in on this machine, or --local --as <name>.",
  );
}

function tokenOf({ token }: CallerOptions): string | undefined {
  return token ?? (process.env["LKPS_TOKEN"] || undefined);
}
