import { errorCodeOf } from "../../src/adapters/graph/graph-response.ts";
import { CliError, errorReason } from "../cli-error.ts";
import type { GraphAccess, GraphResponse } from "./graph-access.ts";

/** Graph could not be reached, or its answer has the wrong shape. */
export function unreachableError({ url }: GraphAccess, cause: unknown): CliError {
  return new CliError(
    "directory_unavailable",
    `Microsoft Graph did not give a usable answer at ${url} (${errorReason(cause)}). Check your network and try again.`,
    cause,
  );
}

/** Graph answered with a status that says nothing about the application. */
export function unusableResponseError(access: GraphAccess, response: GraphResponse): CliError {
  if (response.status === 401 || response.status === 403) return accessDeniedError(access);
  const answered = `Graph answered ${response.status} ${errorCodeOf(response.json) ?? ""}`.trimEnd();
  return unreachableError(access, new Error(answered));
}

function accessDeniedError({ signedInAs, tenantId }: GraphAccess): CliError {
  const who = signedInAs ?? "The account that is signed in on this machine";
  const where = tenantId === null ? "" : ` in tenant ${tenantId}`;
  return new CliError(
    "directory_access_denied",
    `${who} is not allowed to read app registrations${where}. Members of a tenant are allowed by default. Guests need ` +
      "the role Directory Readers; applications need the permission Application.Read.All. To sign in to another " +
      "tenant, use --tenant <id>.",
  );
}
