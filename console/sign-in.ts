import * as oauth from "oauth4webapi";
import { isLoopback } from "../cli/secure-url.ts";
import { isObject } from "../src/domain/application.ts";
import type { Configuration } from "./answers.ts";
import { type Person, personOf } from "./person.ts";

/** What has to outlive the visit to Entra's page. No token is ever stored. */
interface Pending {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  /** The page to return to. */
  readonly hash: string;
}

/** Entra's pages, and what comes back from them. */
export interface SignIn {
  /** Leaves for Entra's page, to return to where the person is now. */
  begin(): Promise<void>;
  /**
   * Finishes a sign-in if the page's address has an answer of Entra, and removes that from the address.
   *
   * @throws if Entra refused, or the answer is not to this browser's question
   */
  finish(): Promise<Person | null>;
  /** Forgets the tokens, and leaves for Entra's page, if it has one, which ends the sign-in there as well. */
  signOut(): void;
}

const PENDING = "lkps-sign-in";
const ENTRA_TIMEOUT_MS = 10_000;

/**
 * Reads the tenant's OpenID metadata. People sign in by authorization code with PKCE; tokens are kept in memory only.
 *
 * @throws TypeError if Entra cannot be reached
 */
export async function openSignIn(configuration: Configuration): Promise<SignIn> {
  const issuer = new URL(`${configuration.authority}/v2.0`);
  // The local stack has no TLS.
  const options = {
    [oauth.allowInsecureRequests]: isLoopback(issuer.hostname),
    signal: () => AbortSignal.timeout(ENTRA_TIMEOUT_MS),
  };
  const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options));
  const client: oauth.Client = { client_id: configuration.client_id };
  /** The redirect URI that is registered. The host serves the page in any letter case; Entra compares it exactly. */
  const page = `${location.origin}${location.pathname.replace(/console$/i, "console")}`;
  const leaveFor = (endpoint: string | undefined, parameters: Record<string, string>) => {
    if (endpoint === undefined) return;
    const address = new URL(endpoint);
    for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
    location.assign(address);
  };
  const redeem = async (refreshToken: string, scope: string) => {
    const more = { ...options, additionalParameters: { scope } };
    const response = await oauth.refreshTokenGrantRequest(server, client, oauth.None(), refreshToken, more);
    return await oauth.processRefreshTokenResponse(server, client, response);
  };
  return {
    async begin() {
      const [state, nonce] = [oauth.generateRandomState(), oauth.generateRandomNonce()];
      const verifier = oauth.generateRandomCodeVerifier();
      const pending: Pending = { state, nonce, verifier, hash: location.hash };
      sessionStorage.setItem(PENDING, JSON.stringify(pending));
      leaveFor(server.authorization_endpoint, {
        client_id: client.client_id,
        redirect_uri: page,
        response_type: "code",
        scope: `openid profile offline_access ${configuration.scope}`,
        state,
        nonce,
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
      });
    },
    async finish() {
      const address = new URL(location.href);
      if (!address.searchParams.has("code") && !address.searchParams.has("error")) return null;
      const pending = takePending();
      history.replaceState(null, "", `${page}${pending?.hash ?? ""}`);
      // An old link, or a sign-in that another tab began: ask again.
      if (pending === null) return null;
      const { state, nonce, verifier } = pending;
      try {
        const answer = oauth.validateAuthResponse(server, client, address, state);
        const response = await oauth.authorizationCodeGrantRequest(
          server,
          client,
          oauth.None(),
          answer,
          page,
          verifier,
          options,
        );
        const expected = { expectedNonce: nonce, requireIdToken: true };
        const tokens = await oauth.processAuthorizationCodeResponse(server, client, response, expected);
        return personOf(tokens, configuration, redeem);
      } catch (cause) {
        const isRefused =
          cause instanceof oauth.AuthorizationResponseError || cause instanceof oauth.ResponseBodyError;
        if (isRefused) throw new Error(cause.error_description ?? cause.error, { cause });
        const { code, name } = cause as Partial<oauth.OperationProcessingError>;
        if (code === oauth.JWT_TIMESTAMP_CHECK)
          throw new Error("Set your device's clock, and try again.", { cause });
        // What `fetch` throws.
        const isAway = name === "TypeError" || name === "TimeoutError";
        throw new Error(isAway ? "It did not answer. Try again." : "Try again.", { cause });
      }
    },
    signOut() {
      if (server.end_session_endpoint === undefined) return location.assign(page);
      leaveFor(server.end_session_endpoint, { post_logout_redirect_uri: page });
    },
  };
}

/** Returns what is pending, once; `null` if that is nothing, or is not readable any more. */
function takePending(): Pending | null {
  const stored = sessionStorage.getItem(PENDING);
  sessionStorage.removeItem(PENDING);
  try {
    const pending: unknown = JSON.parse(stored ?? "");
    const { state, nonce, verifier, hash } = isObject(pending) ? pending : {};
    const isWhole = [state, nonce, verifier, hash].every((value) => typeof value === "string");
    return isWhole ? (pending as Pending) : null;
  } catch {
    return null;
  }
}
