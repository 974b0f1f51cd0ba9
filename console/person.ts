import * as oauth from "oauth4webapi";
import type { Configuration } from "./answers.ts";
import { Refusal } from "./refusal.ts";

/** A person who is signed in. */
export interface Person {
  readonly name: string;
  /**
   * Returns an access token.
   *
   * @param refused - the token that was refused, so that another one is needed
   * @throws Refusal `sign_in_expired` if Entra gives no more tokens, `entra_unreachable` if it does not say
   */
  accessToken(audience: "lkps" | "graph", refused?: string): Promise<string>;
}

/** Renews a token before it expires on its way. */
const MARGIN_MS = 60_000;
/** OAuth errors that say nothing about the sign-in (RFC 6749, section 4.1.2.1). */
const TEMPORARY = ["temporarily_unavailable", "server_error"];

/** The person that Entra signed in. */
export function personOf(
  first: oauth.TokenEndpointResponse,
  { scope, graph_base_url: graph }: Configuration,
  redeem: (refreshToken: string, scope: string) => Promise<oauth.TokenEndpointResponse>,
): Person {
  const claims = oauth.getValidatedIdTokenClaims(first);
  const scopes = { lkps: scope, graph: `${graph}/User.Read ${graph}/Application.Read.All` };
  const tokens = new Map<keyof typeof scopes, { value: string; renewAtMs: number }>();
  let refreshToken: string | undefined;
  const keep = (audience: keyof typeof scopes, given: oauth.TokenEndpointResponse) => {
    const renewAtMs = Date.now() + (given.expires_in ?? 0) * 1_000 - MARGIN_MS;
    tokens.set(audience, { value: given.access_token, renewAtMs });
    refreshToken = given.refresh_token ?? refreshToken;
    return given.access_token;
  };
  const renew = async (audience: keyof typeof scopes) => {
    try {
      if (refreshToken === undefined) throw new Refusal("sign_in_expired");
      return keep(audience, await redeem(refreshToken, scopes[audience]));
    } catch (error) {
      if (error instanceof Refusal) throw error;
      const isFinal = error instanceof oauth.ResponseBodyError && !TEMPORARY.includes(error.error);
      throw new Refusal(isFinal ? "sign_in_expired" : "entra_unreachable");
    }
  };
  keep("lkps", first);
  // Entra keeps a refresh token valid when it issues another one, so Graph's renewal never delays LKPS's.
  const renewals = new Map<keyof typeof scopes, Promise<string>>();
  return {
    name: String(claims?.["name"] ?? claims?.["preferred_username"] ?? ""),
    async accessToken(audience, refused) {
      const token = tokens.get(audience);
      const isGood = token !== undefined && token.value !== refused && token.renewAtMs > Date.now();
      if (isGood) return token.value;
      const renewal = renewals.get(audience) ?? renew(audience).finally(() => renewals.delete(audience));
      renewals.set(audience, renewal);
      return await renewal;
    },
  };
}
