import { access } from "node:fs/promises";
import { join, resolve } from "node:path";
import { readDirectory } from "../../dev/entra/directory.ts";
import { openSigningKey } from "../../dev/entra/signing-key.ts";
import { createTenant } from "../../dev/entra/tenant.ts";
import { lkpsClientId, tenantId } from "../../dev/local-names.ts";
import { repositoryRoot } from "../../tools/repository.ts";
import type { LocalOptions } from "../options.ts";
import { CouldNotTell } from "../outcome.ts";

const LIFETIME_SECONDS = 600;
// dev/stack.ts names it too, but brings the whole stack with it.
const DIRECTORY_FILE = join(repositoryRoot, "dev", "entra", "directory.json");
const START = "Run `npm start` first, in another terminal.";

/**
 * A token for the stand-in's Graph: whoever has the local tenant's key, which is in a file on this machine, is its
 * administrator.
 *
 * @throws CouldNotTell `local_stack_missing`
 */
export async function localGraphToken({ entraUrl, data }: LocalOptions): Promise<string> {
  const keyFile = join(resolve(repositoryRoot, data), "entra", "signing-key.json");
  try {
    await access(keyFile);
  } catch (error) {
    throw new CouldNotTell("local_stack_missing", `There is no local stack in ${data}. ${START}`, error);
  }
  const tenant = createTenant(tenantId, entraUrl, await openSigningKey(keyFile));
  const now = Math.floor(Date.now() / 1_000);
  return await tenant.sign({
    aud: entraUrl,
    iss: tenant.issuers.v1,
    iat: now,
    exp: now + LIFETIME_SECONDS,
    tid: tenantId,
    upn: "you@local",
    roles: ["Application.Read.All"],
  });
}

/**
 * A token for the local LKPS, as one of the directory's applications.
 *
 * @param name - its client id, or a part of its display name that no other one has
 * @throws CouldNotTell `unknown_application` or `local_stack_missing`
 */
export async function localCallerToken(name: string, { entraUrl }: LocalOptions): Promise<string> {
  const { appId, secret } = await findApplication(name);
  const form = { grant_type: "client_credentials", client_id: appId, client_secret: secret };
  let answer: { access_token?: string; error_description?: string };
  try {
    const response = await fetch(`${entraUrl}/${tenantId}/oauth2/v2.0/token`, {
      method: "POST",
      body: new URLSearchParams({ ...form, scope: `${lkpsClientId}/.default` }),
    });
    answer = (await response.json()) as typeof answer;
  } catch (error) {
    throw new CouldNotTell(
      "local_stack_missing",
      `The local stack does not answer at ${entraUrl}. ${START}`,
      error,
    );
  }
  if (answer.access_token !== undefined) return answer.access_token;
  throw new CouldNotTell("not_signed_in", `The local stack gives no token: ${answer.error_description}`);
}

async function findApplication(name: string): Promise<{ appId: string; secret: string }> {
  const wanted = name.toLowerCase();
  const callers = (await readDirectory(DIRECTORY_FILE)).flatMap((application) => {
    const secret = application.passwordCredentials?.find(({ secretText }) => secretText)?.secretText;
    return secret === undefined
      ? []
      : [{ ...application, displayName: application.displayName ?? "", secret }];
  });
  const exact = callers.filter(
    ({ appId, displayName }) => appId === wanted || displayName.toLowerCase() === wanted,
  );
  const near = callers.filter(({ displayName }) => displayName.toLowerCase().includes(wanted));
  const found = exact.length > 0 ? exact : near;
  if (found.length === 1 && found[0] !== undefined) return found[0];
  const names = (found.length > 1 ? found : callers).map(({ displayName }) => `"${displayName}"`);
  const what = found.length > 1 ? "more than one application" : "no application";
  throw new CouldNotTell(
    "unknown_application",
    `The local directory has ${what} like "${name}" with a secret. It has: ${names.join(", ")}`,
  );
}
