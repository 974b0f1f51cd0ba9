import type { Answer } from "./answer.ts";
import { readDirectory } from "./directory.ts";

/**
 * `GET /local-stack`, which Entra does not have: the tenant, and the applications of the directory that can sign in,
 * with their secrets. `lkps --local --as` signs in with them. They are no secret: the directory is in the repository.
 */
export async function describeLocalStack(tenantId: string, directoryFile: string): Promise<Answer> {
  const applications = (await readDirectory(directoryFile)).flatMap(
    ({ appId, displayName, passwordCredentials }) => {
      const secret = passwordCredentials?.find(({ secretText }) => secretText)?.secretText;
      return secret === undefined
        ? []
        : [{ client_id: appId.toLowerCase(), display_name: displayName ?? "", client_secret: secret }];
    },
  );
  return { status: 200, body: { tenant_id: tenantId, applications } };
}
