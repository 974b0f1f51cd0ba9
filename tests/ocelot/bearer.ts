import { lkpsClientId } from "../../dev/local-defaults.ts";
import type { Stack } from "../../dev/stack.ts";
import { CLIENT } from "../support/app-registration.ts";
import type { HeaderLine } from "./raw-request.ts";

/** The claims of a valid v2 access token from the tenant with that issuer; its application is the approved client. */
export function goodClaims(issuer: string) {
  const now = seconds();
  return {
    iss: issuer,
    aud: lkpsClientId,
    azp: CLIENT,
    ver: "2.0",
    iat: now,
    nbf: now,
    exp: now + 600,
  };
}

/** A header with such a token; `changes` override claims. */
export async function bearerOf(stack: Stack, changes: Record<string, unknown>): Promise<HeaderLine[]> {
  return [
    [
      "Authorization",
      `Bearer ${await stack.entra.sign({ ...goodClaims(stack.entra.issuers.v2), ...changes })}`,
    ],
  ];
}

/** Now, as tokens count it. */
export function seconds(): number {
  return Math.floor(Date.now() / 1_000);
}
