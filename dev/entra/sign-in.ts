import { createHash, randomBytes } from "node:crypto";
import { isLoopback } from "../../cli/secure-url.ts";
import { type Answer, ok } from "./answer.ts";
import { type AppRegistration, type Directory, findApplication, isSame } from "./directory.ts";
import { Refusal } from "./refusal.ts";
import { parseScopes } from "./scopes.ts";
import { page, signInPage } from "./sign-in-page.ts";
import type { Tenant } from "./tenant.ts";
import { claimsFor } from "./token-endpoint.ts";

const CODE_SECONDS = 600;
/** A single-page application's refresh tokens end a day after the sign-in, also those that replace it. */
const REFRESH_TOKEN_SECONDS = 24 * 3_600;
const ID_TOKEN_SECONDS = 3_600;

/** What an authorization code or a refresh token was issued for. */
interface Grant {
  /** The authorization request. */
  query: URLSearchParams;
  personId: string;
  /** In milliseconds since 1970. */
  expiresAt: number;
}

/** People's sign-in at a tenant. */
export type SignIn = ReturnType<typeof createSignIn>;

/**
 * Creates people's sign-in to single-page applications: authorization code with PKCE (RFC 7636), and refresh tokens. All
 * of them end with the process.
 */
export function createSignIn(tenant: Tenant) {
  const codes = new Map<string, Grant>();
  const refreshTokens = new Map<string, Grant>();
  return {
    /**
     * `/oauth2/v2.0/authorize`. There are no cookies, so it always asks who signs in.
     *
     * @param personId - who was chosen, empty if the person canceled; null if the page has not been shown
     */
    async authorize(directory: Directory, query: URLSearchParams, personId: string | null): Promise<Answer> {
      const field = (name: string) => query.get(name) ?? "";
      const [redirectUri, state] = [field("redirect_uri"), query.get("state")];
      const client = findApplication(directory.applications, field("client_id"));
      if (client === undefined || client.deletedDateTime)
        return await errorPage(new Refusal(700016, field("client_id")));
      if (!isRegistered(client, redirectUri)) return await errorPage(new Refusal(50011, redirectUri));
      const sendBack = (answer: Record<string, string>) => {
        const url = new URL(redirectUri);
        url.search = String(new URLSearchParams({ ...answer, ...(state !== null && { state }) }));
        return redirect(url.href);
      };
      try {
        if (field("response_type") !== "code") throw new Refusal(70005);
        if (field("code_challenge") === "" || field("code_challenge_method") !== "S256")
          throw new Refusal(9002325);
        parseScopes(tenant, directory.applications, client, field("scope"));
        if (personId === null) return await signInPage(directory, client, redirectUri);
        if (!directory.people.some(({ id }) => id === personId)) throw new Refusal(65004);
        const code = newSecret();
        codes.set(code, { query, personId, expiresAt: Date.now() + CODE_SECONDS * 1_000 });
        return sendBack({ code });
      } catch (refusal) {
        if (!(refusal instanceof Refusal)) throw refusal;
        const { error, error_description } = refusal.answer.body;
        return sendBack({ error, error_description });
      }
    },

    /**
     * `/oauth2/v2.0/token` with an authorization code or a refresh token.
     *
     * @throws {Refusal}
     */
    async redeem(
      { applications, people }: Directory,
      form: URLSearchParams,
      origin: string | undefined,
    ): Promise<Answer> {
      const field = (name: string) => form.get(name) ?? "";
      const client = findApplication(applications, field("client_id"));
      if (client === undefined) throw new Refusal(700016, field("client_id"));
      if (form.has("client_secret") || form.has("client_assertion")) throw new Refusal(700025);
      const isCode = field("grant_type") === "authorization_code";
      const grant = isCode ? codes.get(field("code")) : refreshTokens.get(field("refresh_token"));
      // A code is good for one attempt. Entra does not revoke a refresh token when it is used.
      codes.delete(field("code"));
      const requested = (name: string) => grant?.query.get(name) ?? "";
      if (grant === undefined || !isSame(requested("client_id"), client.appId)) throw new Refusal(70000);
      if (grant.expiresAt <= Date.now()) throw new Refusal(70008);
      if (origin === undefined) throw new Refusal(9002327);
      if (origin !== new URL(requested("redirect_uri")).origin) throw new Refusal(9002326, origin);
      if (isCode && field("redirect_uri") !== requested("redirect_uri")) throw new Refusal(500112);
      if (isCode && sha256(field("code_verifier")) !== requested("code_challenge")) throw new Refusal(501481);
      const person = people.find(({ id }) => id === grant.personId);
      if (person === undefined) throw new Refusal(50034);

      const scope = form.get("scope") ?? requested("scope");
      const { resource, audience, names, openid } = parseScopes(tenant, applications, client, scope);
      const { id, displayName: name, userPrincipalName: preferred_username } = person;
      // The subject is pairwise: another one for each application.
      const about = (aud: string) => ({ name, preferred_username, sub: sha256(`${id} ${aud}`) });
      const { accessTokenSeconds } = tenant;
      const claims = { ...claimsFor(resource, audience, client, "user"), scp: names.join(" ") };
      const answer: Record<string, unknown> = {
        token_type: "Bearer",
        scope: names.map((name) => `${audience}/${name}`).join(" "),
        expires_in: accessTokenSeconds - 1,
        access_token: (await tenant.issue({ ...about(resource.appId), ...claims }, id, accessTokenSeconds))
          .token,
      };
      if (openid.includes("openid")) {
        const nonce = isCode ? grant.query.get("nonce") : null;
        const idClaims = { aud: client.appId, ver: "2.0", ...(nonce !== null && { nonce }) };
        const issued = await tenant.issue({ ...about(client.appId), ...idClaims }, id, ID_TOKEN_SECONDS);
        answer["id_token"] = issued.token;
      }
      if (openid.includes("offline_access")) {
        const refreshToken = newSecret();
        const expiresAt = isCode ? Date.now() + REFRESH_TOKEN_SECONDS * 1_000 : grant.expiresAt;
        refreshTokens.set(refreshToken, { ...grant, expiresAt });
        answer["refresh_token"] = refreshToken;
      }
      return ok(answer);
    },

    /** `/oauth2/v2.0/logout`: there is nothing to end, so it only goes where an application has registered. */
    async signOut({ applications }: Directory, query: URLSearchParams): Promise<Answer> {
      const uri = query.get("post_logout_redirect_uri") ?? "";
      if (applications.some((one) => isRegistered(one, uri))) return redirect(uri);
      return await page(200, "You signed out of your account", "You can close this window.");
    },
  };
}

/** Whether an application has registered a redirect URI. The port of a loopback address does not count (RFC 8252). */
function isRegistered({ spa }: AppRegistration, redirectUri: string): boolean {
  const withoutPort = (uri: string) => {
    const url = URL.parse(uri);
    if (url?.protocol !== "http:" || !isLoopback(url.hostname)) return uri;
    url.port = "";
    return url.href;
  };
  return spa?.redirectUris?.some((one) => withoutPort(one) === withoutPort(redirectUri)) ?? false;
}

function redirect(location: string): Answer {
  return { status: 302, headers: { location }, body: "" };
}

/** Shows an error that can't be sent back. */
async function errorPage({ answer }: Refusal): Promise<Answer> {
  return await page(400, "Sorry, but we’re having trouble signing you in", answer.body.error_description);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

function newSecret(): string {
  return randomBytes(32).toString("base64url");
}
