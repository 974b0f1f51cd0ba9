import { Option } from "commander";
import { CliError } from "../cli-error.ts";
import type { LocalOptions } from "../options.ts";
import { azureToken } from "./azure-sign-in.ts";
import { localCallerToken, localNames } from "./local-sign-in.ts";
import { microsoftTool, readClaims } from "./token-claims.ts";

/** The ways in which the caller of LKPS can sign in. Only one is used. */
export interface CallerOptions extends LocalOptions {
  token?: string;
  scope?: string;
  tenant?: string;
  as?: string;
}

/** The options that identify the caller of LKPS. */
export const callerOptions = () => [
  // Not `.env("LKPS_TOKEN")`: the help text would print the value of the variable.
  new Option("--token <token>", "the caller's access token for LKPS; the variable LKPS_TOKEN is safer"),
  new Option(
    "--scope <scope>",
    "get a token with the sign-in on this machine, for a scope such as api://<LKPS>/.default",
  ).env("LKPS_SCOPE"),
  new Option("--as <name>", "with --local: the application to sign in as"),
];

/** Whether the options name a caller. Some commands work without one. */
export function namesCaller(options: CallerOptions): boolean {
  const hasScope = options.scope !== undefined && options.local !== true;
  return tokenOf(options) !== undefined || hasScope || options.as !== undefined;
}

/**
 * The caller's access token for LKPS.
 *
 * @throws CliError if there is none, or if LKPS cannot accept it
 */
export async function callerToken(options: CallerOptions): Promise<string> {
  const token = await findToken(options);
  const claims = readClaims(token);
  const tool = microsoftTool(claims?.application ?? null);
  if (tool !== undefined) {
    throw new CliError(
      "token_of_a_tool",
      `This token comes from a personal sign-in: it names ${tool} as the caller. LKPS accepts agents and client ` +
        "applications only. Sign in as the application itself (az login --service-principal, or AZURE_TENANT_ID, " +
        "AZURE_CLIENT_ID and AZURE_CLIENT_SECRET), or set LKPS_TOKEN to its token.",
    );
  }
  if (claims?.expiresAt != null && claims.expiresAt.getTime() <= Date.now()) {
    throw new CliError("token_expired", "The access token has expired. Get a new one.");
  }
  return token;
}

async function findToken(options: CallerOptions): Promise<string> {
  const token = tokenOf(options)
    ?.trim()
    .replace(/^Bearer +/i, "");
  if (token !== undefined) {
    // Fetch would quote an invalid header value in its error, and a token must never be shown.
    if (/^[\x21-\x7e]+$/.test(token)) return token;
    throw new CliError(
      "bad_token",
      "The access token contains characters that are not allowed in a token. Copy it again.",
    );
  }
  if (options.local && options.as !== undefined) return await localCallerToken(options.as, options.entraUrl);
  if (options.local) {
    const names = (await localNames(options.entraUrl)).join(", ");
    throw new CliError(
      "no_caller",
      `Name the calling application with --as. The local directory has: ${names}.`,
    );
  }
  if (options.scope !== undefined) return await azureToken(options.scope, options.tenant);
  throw new CliError(
    "no_caller",
    "Name the caller in one of three ways: set LKPS_TOKEN to its access token, use --scope api://<LKPS>/.default with the sign-in on this machine, or use --local --as <name>.",
  );
}

function tokenOf({ token, local, as }: CallerOptions): string | undefined {
  if (token !== undefined) return token;
  // A variable set for a tenant must not outrank what was typed: its token would go to the local stack.
  return local && as !== undefined ? undefined : process.env["LKPS_TOKEN"] || undefined;
}
