import type { HttpRequest } from "@azure/functions";
import { type ClientId, parseClientId } from "../domain/client-id.ts";
import { Problem } from "./problem.ts";

/** Tells which application a request was proven to come from. */
export type IdentifyCaller = (request: HttpRequest) => Promise<ClientId | Problem>;

/**
 * The caller is the header `client-id`, set by the gateway from the access token that it has validated. Exactly
 * one GUID: a gateway that appends instead of overwriting yields `forged, real`, which the host joins by a comma
 * and which is refused here like anything else that is not one id.
 */
export const callerFromGatewayHeader: IdentifyCaller = async (request) =>
  parseClientId(request.headers.get("client-id")) ??
  new Problem("caller_unidentified", {
    detail:
      "The gateway must name the calling application: the header client-id must hold exactly one client id.",
  });

/**
 * The caller is the application that the access token in `Authorization: Bearer` was issued to.
 *
 * @param verify - answers the application of a token, or `undefined` for one that does not count
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-2.1
 */
export function callerFromAccessToken(
  verify: (accessToken: string) => Promise<ClientId | undefined>,
): IdentifyCaller {
  return async (request) => {
    // A signed JWT in its compact form, and nothing else, is worth a look.
    const given = request.headers.get("authorization") ?? "";
    const accessToken = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(given)?.[1];
    const caller = accessToken === undefined ? undefined : await verify(accessToken);
    return (
      caller ??
      new Problem("invalid_token", {
        detail: "Send one access token for LKPS, issued by Microsoft Entra ID, as Authorization: Bearer.",
      })
    );
  };
}

/** The caller is told twice, by the gateway and by the token that it forwards, and both must agree. */
export function callerFromBoth(fromToken: IdentifyCaller): IdentifyCaller {
  return async (request) => {
    const proven = await fromToken(request);
    if (proven instanceof Problem) return proven;
    const named = await callerFromGatewayHeader(request);
    if (named instanceof Problem || named === proven) return named;
    return new Problem("caller_unidentified", {
      detail: "The header client-id and the access token name different applications.",
    });
  };
}
