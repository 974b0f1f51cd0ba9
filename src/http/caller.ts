import type { HttpRequest } from "@azure/functions";
import { type ClientId, parseClientId } from "../domain/client-id.ts";
import type { VerifiedToken } from "../domain/verified-token.ts";
import { Problem } from "./problem.ts";

/** The application that a request was proven to come from. */
export interface Caller {
  readonly clientId: ClientId;
  /** Whether it speaks for itself: `false` where a user signed in through it. */
  readonly isApplication: boolean;
}

/** Identifies the application that a request comes from. */
export type IdentifyCaller = (request: HttpRequest) => Promise<Caller | Problem>;

/**
 * The caller is the header `client-id`, set by the gateway from the access token that it has validated. Exactly
 * one GUID: a gateway that appends instead of overwriting yields `forged, real`, which the host joins by a comma
 * and which is refused here like anything else that is not one id. Whether the token is the application's own, the
 * gateway checks.
 */
export const callerFromGatewayHeader: IdentifyCaller = async (request) => {
  const clientId = parseClientId(request.headers.get("client-id"));
  if (clientId !== undefined) return { clientId, isApplication: true };
  return new Problem("caller_unidentified", {
    detail: "The client-id header, which the gateway sets, must contain exactly one client id.",
  });
};

const SEND_A_TOKEN =
  "Send one access token for LKPS, issued by Microsoft Entra ID, as Authorization: Bearer.";

/**
 * The caller is the application that the access token in `Authorization: Bearer` was issued to.
 *
 * @param verify - `undefined` for a token that does not count
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-2.1
 */
export function callerFromAccessToken(
  verify: (accessToken: string) => Promise<VerifiedToken | undefined>,
): IdentifyCaller {
  return async (request) => {
    const given = request.headers.get("authorization");
    if (given === null) {
      return new Problem("caller_unidentified", { detail: SEND_A_TOKEN, challenge: "Bearer" });
    }
    // A signed JWT in its compact form, and nothing else, is worth a look.
    const accessToken = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(given)?.[1];
    const verified = accessToken === undefined ? undefined : await verify(accessToken);
    if (verified === undefined) {
      return new Problem("invalid_token", {
        detail: SEND_A_TOKEN,
        challenge: 'Bearer error="invalid_token"',
      });
    }
    return { clientId: verified.clientId, isApplication: verified.isApplicationToken };
  };
}

/** The caller is named twice, by the gateway and by the token that it forwards, and both must agree. */
export function callerFromBoth(fromToken: IdentifyCaller): IdentifyCaller {
  return async (request) => {
    const proven = await fromToken(request);
    if (proven instanceof Problem) return proven;
    const named = await callerFromGatewayHeader(request);
    if (named instanceof Problem) return named;
    if (named.clientId === proven.clientId) return proven;
    return new Problem("caller_unidentified", {
      detail: "The header client-id and the access token name different applications.",
    });
  };
}

/** How callers are identified in each mode of `CALLER_IDENTITY`. */
export function identifyCallerBy(
  mode: "gateway-header" | "access-token" | "gateway-header-and-access-token",
  verify: (accessToken: string) => Promise<VerifiedToken | undefined>,
): IdentifyCaller {
  if (mode === "gateway-header") return callerFromGatewayHeader;
  const fromToken = callerFromAccessToken(verify);
  return mode === "access-token" ? fromToken : callerFromBoth(fromToken);
}

/** What an agent's own routes answer to a token of a user: else every user of a public client could speak for it. */
export const applicationTokenRequired = new Problem("application_token_required", {
  detail:
    "Only the agent itself may do this, with an access token of its own (client credentials or managed identity). This token was issued to a user.",
});
