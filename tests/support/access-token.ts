import { lkpsClientId } from "../../dev/local-defaults.ts";
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
