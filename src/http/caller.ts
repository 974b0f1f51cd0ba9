import type { HttpRequest } from "@azure/functions";
import { parseClientId } from "../domain/client-id.ts";
import type { VerifiedToken } from "../domain/verified-token.ts";
import { Problem } from "./problem.ts";

/** Identifies the application that sent a request, by its access token or by what the gateway says of it. */
export type IdentifyCaller = (request: HttpRequest) => Promise<VerifiedToken | Problem>;

/**
 * Reads the caller from the `client-id` header, which the gateway sets from the access token that it
 * validated. The header must hold exactly one GUID. A gateway that appends instead of overwriting sends
 * `forged, real`, which the host joins with a comma and which is rejected here. The gateway checks whether
 * the token was issued to the application itself.
 */
export const callerFromGatewayHeader: IdentifyCaller = async (request) => {
  const clientId = parseClientId(request.headers.get("client-id"));
  if (clientId !== undefined) return { clientId, isApplicationToken: true, scopes: [], objectId: undefined };
  return new Problem("caller_unidentified", {
    detail: "The client-id header, which the gateway sets, must contain exactly one client id.",
  });
};

const SEND_A_TOKEN =
  "Send one access token for LKPS, issued by Microsoft Entra ID, as Authorization: Bearer.";

/**
 * Reads the caller from the access token in `Authorization: Bearer`.
 *
 * @param verify - resolves to `undefined` if the token is invalid
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-2.1
 */
export function callerFromAccessToken(
  verify: (accessToken: string) => Promise<VerifiedToken | undefined>,
): IdentifyCaller {
  return async (request) => {
    const given = request.headers.get("authorization");
    if (given === null) return new Problem("caller_unidentified", { detail: SEND_A_TOKEN });
    // Only a signed JWT in compact form is worth verifying.
    const accessToken = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(given)?.[1];
    const verified = accessToken === undefined ? undefined : await verify(accessToken);
    return verified ?? new Problem("invalid_token", { detail: SEND_A_TOKEN });
  };
}

/**
 * Requires both the gateway's header and the token that it forwards, and both must name the same application.
 */
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

/** Returns how callers are identified in a mode of `CALLER_IDENTITY`. */
export function identifyCallerBy(
  mode: "gateway-header" | "access-token" | "gateway-header-and-access-token",
  verify: (accessToken: string) => Promise<VerifiedToken | undefined>,
): IdentifyCaller {
  if (mode === "gateway-header") return callerFromGatewayHeader;
  const fromToken = callerFromAccessToken(verify);
  return mode === "access-token" ? fromToken : callerFromBoth(fromToken);
}

/**
 * The response of an agent's own routes to a user's token. Otherwise any user of a public client could act as
 * the agent.
 */
export const applicationTokenRequired = new Problem("application_token_required", {
  detail:
    "Only the agent itself may do this, with an access token of its own (client credentials or managed identity). This token was issued for a user.",
});

/** The same for an agent that does not exist, so that nobody learns which agents there are. */
export const notAnOwner = new Problem("not_an_owner", {
  detail:
    "Only the agent's owners, signed in to the console, and the agent itself may do this. Its owners are those of its app registration; for an agent identity, its own owners and sponsors, and its blueprint's owners. Check the agent's client id, or ask one of them to add you in Microsoft Entra ID.",
});
