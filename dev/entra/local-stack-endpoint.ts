import { readDirectory } from "./directory.ts";
import type { Answer } from "./json-response.ts";

/**
 * `GET /local-stack`, which Entra does not have: returns the tenant, and the applications that can sign in,
 * with their secrets, for `lkps --local --as`. The secrets are public: they are in the repository.
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
