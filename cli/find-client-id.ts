import { type ClientId, parseClientId } from "../src/domain/client-id.ts";
import { CliError } from "./cli-error.ts";
import type { LocalOptions } from "./options.ts";
import { localClientId } from "./sign-in/local-sign-in.ts";

/**
 * The client id that `--agent` or `--client` stands for: the id itself, or with `--local` a part of the application's name.
 *
 * @throws CliError `not_a_client_id`, `unknown_application` or `local_stack_missing`
 */
export async function findClientId(text: string, { local, entraUrl }: LocalOptions): Promise<ClientId> {
  const clientId = parseClientId(text.trim());
  if (clientId !== undefined) return clientId;
  if (local) return await localClientId(text, entraUrl);
  throw new CliError(
    "not_a_client_id",
    `"${text}" is not a client id such as 12345678-90ab-cdef-1234-567890abcdef. In the portal, it is the Application (client) ID.`,
  );
}
