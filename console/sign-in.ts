import * as oauth from "oauth4webapi";
import { isLoopback } from "../cli/secure-url.ts";
import { Refusal } from "./refusal.ts";

/** What LKPS says about where to sign in: `GET /api/console/configuration`. */
export interface Configuration {
  readonly authority: string;
  readonly client_id: string;
  readonly scope: string;
  readonly graph_base_url: string;
}

/** What has to outlive the visit to Entra's page. No token is ever stored. */
interface Pending {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  /** The page to return to. */
  readonly hash: string;
}

interface AccessToken {
  readonly value: string;
  readonly expiresAtMs: number;
}

const PENDING = "lkps-sign-in";
/** Renew a token before it expires on its way. */
const MARGIN_MS = 60_000;

/** Signs people in at Entra ID: authorization code with PKCE. Tokens are kept in memory only. */
export class Entra {
  readonly #server: oauth.AuthorizationServer;
  readonly #client: oauth.Client;
  readonly #configuration: Configuration;
  readonly #options: { readonly [oauth.allowInsecureRequests]: boolean };

  private constructor(server: oauth.AuthorizationServer, configuration: Configuration) {
    this.#server = server;
    this.#client = { client_id: configuration.client_id };
    this.#configuration = configuration;
    this.#options = insecureOnLoopback(configuration);
  }

  /** Reads the tenant's OpenID metadata. @throws TypeError if it cannot be reached */
  static async discover(configuration: Configuration): Promise<Entra> {
    const issuer = new URL(`${configuration.authority}/v2.0`);
    const response = await oauth.discoveryRequest(issuer, insecureOnLoopback(configuration));
    return new Entra(await oauth.processDiscoveryResponse(issuer, response), configuration);
  }

  /** Leaves for Entra's page, to return to where the person is now. */
  async signIn(): Promise<void> {
    const pending: Pending = {
      state: oauth.generateRandomState(),
      nonce: oauth.generateRandomNonce(),
      verifier: oauth.generateRandomCodeVerifier(),
      hash: location.hash,
    };
    sessionStorage.setItem(PENDING, JSON.stringify(pending));
    this.#leaveFor(this.#server.authorization_endpoint, {
      client_id: this.#client.client_id,
      redirect_uri: pageUrl(),
      response_type: "code",
      scope: `openid profile offline_access ${this.#configuration.scope}`,
      state: pending.state,
      nonce: pending.nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(pending.verifier),
      code_challenge_method: "S256",
    });
  }

  /**
   * Finishes a sign-in, if the page's address has an answer of Entra, and removes that from the address.
   *
   * @throws if Entra refused, or the answer is not the one to this browser's question
   */
  async finishSignIn(): Promise<Person | null> {
    const address = new URL(location.href);
    if (!address.searchParams.has("code") && !address.searchParams.has("error")) return null;
    const stored = sessionStorage.getItem(PENDING);
    sessionStorage.removeItem(PENDING);
    const pending = stored === null ? null : (JSON.parse(stored) as Pending);
    history.replaceState(null, "", `${pageUrl()}${pending?.hash ?? ""}`);
    // An old link, or a sign-in that another tab began: ask again.
    if (pending === null) return null;
    const parameters = oauth.validateAuthResponse(this.#server, this.#client, address, pending.state);
    const response = await oauth.authorizationCodeGrantRequest(
      this.#server,
      this.#client,
      oauth.None(),
      parameters,
      pageUrl(),
      pending.verifier,
      this.#options,
    );
    const tokens = await oauth.processAuthorizationCodeResponse(this.#server, this.#client, response, {
      expectedNonce: pending.nonce,
      requireIdToken: true,
    });
    return new Person(tokens, this.#configuration, (refreshToken, scope) =>
      this.#redeem(refreshToken, scope),
    );
  }

  /** Leaves for Entra's page, which ends the sign-in there as well. */
  signOut(): void {
    this.#leaveFor(this.#server.end_session_endpoint, { post_logout_redirect_uri: pageUrl() });
  }

  async #redeem(refreshToken: string, scope: string): Promise<oauth.TokenEndpointResponse> {
    const options = { ...this.#options, additionalParameters: { scope } };
    const [server, client] = [this.#server, this.#client];
    const response = await oauth.refreshTokenGrantRequest(
      server,
      client,
      oauth.None(),
      refreshToken,
      options,
    );
    return await oauth.processRefreshTokenResponse(server, client, response);
  }

  #leaveFor(endpoint: string | undefined, parameters: Record<string, string>): void {
    if (endpoint === undefined) return;
    const address = new URL(endpoint);
    for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
    location.assign(address);
  }
}

/** A person who is signed in. */
export class Person {
  readonly name: string;
  readonly #scopes: { readonly lkps: string; readonly graph: string };
  readonly #redeem: (refreshToken: string, scope: string) => Promise<oauth.TokenEndpointResponse>;
  readonly #tokens = new Map<"lkps" | "graph", AccessToken>();
  #refreshToken: string | undefined;
  /** One renewal at a time: each may replace the refresh token. */
  #renewal: Promise<unknown> = Promise.resolve();

  constructor(
    tokens: oauth.TokenEndpointResponse,
    { scope, graph_base_url: graph }: Configuration,
    redeem: (refreshToken: string, scope: string) => Promise<oauth.TokenEndpointResponse>,
  ) {
    const claims = oauth.getValidatedIdTokenClaims(tokens);
    this.name = String(claims?.["name"] ?? claims?.["preferred_username"] ?? "");
    this.#scopes = { lkps: scope, graph: `${graph}/User.Read ${graph}/Application.Read.All` };
    this.#redeem = redeem;
    this.#keep("lkps", tokens);
  }

  /**
   * An access token.
   *
   * @param refused - the token that was refused: another one is needed
   * @throws Refusal `sign_in_expired` if Entra gives no more tokens; what Entra answered, for Graph
   */
  async accessToken(audience: "lkps" | "graph", refused?: string): Promise<string> {
    const renewed = this.#renewal.then(async () => {
      const token = this.#tokens.get(audience);
      const isGood = token !== undefined && token.value !== refused && token.expiresAtMs > Date.now();
      return isGood ? token.value : await this.#renew(audience);
    });
    this.#renewal = renewed.catch(() => {});
    return await renewed;
  }

  async #renew(audience: "lkps" | "graph"): Promise<string> {
    try {
      if (this.#refreshToken === undefined) throw new Refusal("sign_in_expired");
      return this.#keep(audience, await this.#redeem(this.#refreshToken, this.#scopes[audience]));
    } catch (error) {
      // Entra's refusal of a token for Graph concerns Graph only.
      if (audience === "lkps" && error instanceof oauth.ResponseBodyError)
        throw new Refusal("sign_in_expired");
      throw error;
    }
  }

  #keep(audience: "lkps" | "graph", tokens: oauth.TokenEndpointResponse): string {
    const value = tokens.access_token;
    this.#tokens.set(audience, {
      value,
      expiresAtMs: Date.now() + (tokens.expires_in ?? 0) * 1_000 - MARGIN_MS,
    });
    this.#refreshToken = tokens.refresh_token ?? this.#refreshToken;
    return value;
  }
}

/** The page's own address: the redirect URI that is registered. */
function pageUrl(): string {
  return `${location.origin}${location.pathname}`;
}

/** The local stack has no TLS. */
function insecureOnLoopback({ authority }: Configuration) {
  return { [oauth.allowInsecureRequests]: isLoopback(new URL(authority).hostname) };
}
