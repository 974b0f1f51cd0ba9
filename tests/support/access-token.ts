import { lkpsClientId, tenantId } from "../../dev/local-defaults.ts";
import type { Stack } from "../../dev/stack.ts";

/** An access token for LKPS, as the local tenant issues it to an application that has the secret. */
export async function accessTokenOf({ entra }: Stack, clientId: string, secret: string): Promise<string> {
  const response = await fetch(`${entra.url}/${entra.tenantId}/oauth2/v2.0/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: secret,
      scope: `${lkpsClientId}/.default`,
    }),
  });
  const { access_token } = (await response.json()) as { access_token: string };
  return access_token;
}

/** A v2 access token for LKPS, good for an hour, but for these claims. */
export function signedToken({ entra }: Stack, claims: Record<string, unknown>): Promise<string> {
  const exp = Math.floor(Date.now() / 1_000) + 3_600;
  const good = { aud: lkpsClientId, iss: entra.issuers.v2, tid: tenantId, ver: "2.0", exp };
  return entra.sign({ ...good, ...claims });
}
