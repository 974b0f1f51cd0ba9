import { lkpsClientId, tenantId } from "../../dev/local-defaults.ts";
import type { Stack } from "../../dev/stack.ts";
import { CLIENT } from "./app-registration.ts";

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

/** The claims of a valid v2 access token from the tenant with that issuer; its application is the approved client. */
export function goodClaims(iss: string) {
  const now = Math.floor(Date.now() / 1_000);
  return { iss, aud: lkpsClientId, azp: CLIENT, ver: "2.0", iat: now, nbf: now, exp: now + 600 };
}

/** A v2 access token for LKPS, good for ten minutes, but for these claims. Without them it names no application. */
export function signedToken({ entra }: Stack, claims: Record<string, unknown>): Promise<string> {
  const { azp: _, ...good } = goodClaims(entra.issuers.v2);
  return entra.sign({ ...good, tid: tenantId, ...claims });
}

/** The header with such a token. */
export async function bearerOf(stack: Stack, claims: Record<string, unknown>) {
  return { authorization: `Bearer ${await signedToken(stack, claims)}` };
}
