import { isObject } from "../../src/domain/application.ts";
import { type ClientId, parseClientId } from "../../src/domain/client-id.ts";
import { CliError } from "../cli-error.ts";
import { quoted } from "../terminal.ts";
import { localAudience } from "./local-defaults.ts";
import { azureCliClientId } from "./token-claims.ts";

// The tokens of the local stack that `npm start` runs, from its Entra stand-in.

const LOCAL_USER = "you@local";
/** Something else may have taken the port, and never answer. */
const TIMEOUT_MS = 5_000;

/** An application of the local directory that can sign in. */
interface LocalApplication {
  readonly client_id: string;
  readonly display_name: string;
  readonly client_secret: string;
}

/**
 * Signs in to the local Graph as a person.
 *
 * @throws CliError `local_stack_missing`
 */
export async function localGraphToken(entraUrl: string): Promise<string> {
  const { tenantId } = await readLocalStack(entraUrl);
  return await requestToken(entraUrl, tenantId, {
    grant_type: "password",
    client_id: azureCliClientId,
    username: LOCAL_USER,
    scope: `${entraUrl}/.default`,
  });
}

/**
 * Signs in to the local LKPS as one of the directory's applications.
 *
 * @param name - its client id, or a part of its display name that no other application has
 * @throws CliError `unknown_application` or `local_stack_missing`
 */
export async function localCallerToken(name: string, entraUrl: string): Promise<string> {
  const { tenantId, applications } = await readLocalStack(entraUrl);
  return await applicationToken(entraUrl, tenantId, findApplication(name, applications));
}

/** The access token of an application for the local LKPS. Rejects like {@link localCallerToken}. */
export async function applicationToken(
  entraUrl: string,
  tenantId: string,
  { client_id, client_secret }: LocalApplication,
): Promise<string> {
  const grant = { grant_type: "client_credentials", scope: `${localAudience}/.default` };
  return await requestToken(entraUrl, tenantId, { ...grant, client_id, client_secret });
}

/**
 * The client id of an application of the local directory.
 *
 * @param name - a part of its display name that no other application has
 * @throws CliError `unknown_application` or `local_stack_missing`
 */
export async function localClientId(name: string, entraUrl: string): Promise<ClientId> {
  const { client_id: found } = findApplication(name, (await readLocalStack(entraUrl)).applications);
  const clientId = parseClientId(found);
  if (clientId !== undefined) return clientId;
  throw new CliError("unknown_application", `"${name}" has no client id in the local directory.`);
}

/**
 * The names of the applications of the local directory that can sign in, in quotes.
 *
 * @throws CliError `local_stack_missing`
 */
export async function localNames(entraUrl: string): Promise<string[]> {
  return (await readLocalStack(entraUrl)).applications.map(({ display_name: name }) => quoted(name));
}

/**
 * The tenant, and the applications that can sign in.
 *
 * @throws CliError `local_stack_missing` or `local_directory_invalid`
 */
export async function readLocalStack(
  entraUrl: string,
): Promise<{ tenantId: string; applications: readonly LocalApplication[] }> {
  const body = await fetchJson(entraUrl, "/local-stack");
  const { tenant_id: tenantId, applications, directory_error: fault } = body;
  if (typeof fault === "string") {
    throw new CliError("local_directory_invalid", `The local directory can't be read: ${fault}`);
  }
  if (typeof tenantId === "string" && Array.isArray(applications)) return { tenantId, applications };
  throw new CliError("local_stack_missing", `${entraUrl} is not the Entra stand-in of the local stack.`);
}

async function requestToken(
  entraUrl: string,
  tenantId: string,
  form: Record<string, string>,
): Promise<string> {
  const path = `/${tenantId}/oauth2/v2.0/token`;
  const body = await fetchJson(entraUrl, path, { method: "POST", body: new URLSearchParams(form) });
  if (typeof body["access_token"] === "string") return body["access_token"];
  throw new CliError("not_signed_in", `The local stack refused the sign-in: ${body["error_description"]}`);
}

async function fetchJson(
  entraUrl: string,
  path: string,
  init?: RequestInit,
): Promise<Record<string, unknown>> {
  try {
    const response = await fetch(`${entraUrl}${path}`, {
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...init,
    });
    const body: unknown = await response.json();
    return isObject(body) ? body : {};
  } catch (error) {
    throw new CliError(
      "local_stack_missing",
      `The local stack is not running at ${entraUrl}. Start it with \`npm start\` in another terminal, or set its address with --entra-url.`,
      error,
    );
  }
}

function findApplication(name: string, applications: readonly LocalApplication[]): LocalApplication {
  const wanted = name.toLowerCase();
  const exact = applications.filter(
    ({ client_id, display_name }) => client_id === wanted || display_name.toLowerCase() === wanted,
  );
  const partial = applications.filter(({ display_name }) => display_name.toLowerCase().includes(wanted));
  const found = exact.length > 0 ? exact : partial;
  if (found.length === 1 && found[0] !== undefined) return found[0];
  const isAmbiguous = found.length > 1;
  const names = (isAmbiguous ? found : applications).map(({ display_name }) => quoted(display_name));
  throw new CliError(
    "unknown_application",
    isAmbiguous
      ? `The local directory has more than one application like "${name}": ${names.join(", ")}.`
      : `The local directory has no application like "${name}" that can sign in. It has: ${names.join(", ")}.`,
  );
}
