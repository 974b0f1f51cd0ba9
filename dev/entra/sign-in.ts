import { createHash, randomBytes } from "node:crypto";
import { html } from "hono/html";
import { type Answer, ok } from "./answer.ts";
import { type AppRegistration, type Directory, findApplication, isSame, type Person } from "./directory.ts";
import { isRegistered, redirect } from "./redirect-uri.ts";
import { Refusal } from "./refusal.ts";
import { parseScopes, type RequestedScopes } from "./scopes.ts";
import { page, signInPage } from "./sign-in-page.ts";
import type { Tenant } from "./tenant.ts";
import { claimsFor } from "./token-endpoint.ts";

const CODE_SECONDS = 600;
/** A single-page application's refresh tokens end a day after the sign-in, also those that replace it. */
const REFRESH_TOKEN_SECONDS = 24 * 3_600;
const ID_TOKEN_SECONDS = 3_600;

/** What an authorization code or a refresh token was issued for. */
interface Grant {
  clientId: string;
  personId: string;
  redirectUri: string;
  scope: string;
  challenge: string;
  nonce: string | null;
  /** In milliseconds since 1970. */
  expiresAt: number;
}

/** People's sign-in to single-page applications: authorization code with PKCE (RFC 7636), and refresh tokens. */
export interface SignIn {
  /**
   * `/oauth2/v2.0/authorize`: shows who can sign in. There are no cookies, so it always asks.
   *
   * @param personId - who was chosen, empty if the person canceled; null if the page has not been shown
   */
  authorize(directory: Directory, query: URLSearchParams, personId: string | null): Promise<Answer>;
  /**
   * `/oauth2/v2.0/token` with an authorization code or a refresh token.
   *
   * @throws {Refusal}
   */
  redeem(directory: Directory, form: URLSearchParams, origin: string | undefined): Promise<Answer>;
}

/** Creates the sign-in of a tenant. Codes and refresh tokens end with the process. */
export function createSignIn(tenant: Tenant): SignIn {
  const codes = new Map<string, Grant>();
  const refreshTokens = new Map<string, Grant>();
  return {
    async authorize(directory, query, personId) {
      const field = (name: string) => query.get(name) ?? "";
      const [clientId, redirectUri, state] = [field("client_id"), field("redirect_uri"), query.get("state")];
      const client = findApplication(directory.applications, clientId);
      if (client === undefined || client.deletedDateTime)
        return await errorPage(new Refusal(700016, clientId));
      if (!isRegistered(client, redirectUri)) return await errorPage(new Refusal(50011, redirectUri));
      const mode = field("response_mode") === "fragment" ? "fragment" : "query";
      const sendBack = (parameters: Record<string, string>) =>
        redirect(redirectUri, { ...parameters, ...(state !== null && { state }) }, mode);
      try {
        if (field("response_type") !== "code") throw new Refusal(70005);
        if (!["", "query", "fragment"].includes(field("response_mode"))) throw new Refusal(70007);
        const challenge = field("code_challenge");
        if (challenge === "" || field("code_challenge_method") !== "S256") throw new Refusal(9002325);
        const scope = field("scope");
        parseScopes(tenant, directory.applications, client, scope);
        if (field("prompt") === "none") throw new Refusal(50058);
        if (personId === null) return await signInPage(directory, client, redirectUri, field("login_hint"));
        if (!directory.people.some(({ id }) => id === personId)) throw new Refusal(65004);
        const code = randomBytes(32).toString("base64url");
        const expiresAt = Date.now() + CODE_SECONDS * 1_000;
        const nonce = query.get("nonce");
        codes.set(code, {
          clientId: client.appId,
          personId,
          redirectUri,
          scope,
          challenge,
          nonce,
          expiresAt,
        });
        return sendBack({ code });
      } catch (refusal) {
        if (!(refusal instanceof Refusal)) throw refusal;
        const { error, error_description } = refusal.body;
        return sendBack({ error, error_description });
      }
    },

    async redeem({ applications, people }, form, origin) {
      const field = (name: string) => form.get(name) ?? "";
      const client = findApplication(applications, field("client_id"));
      if (client === undefined) throw new Refusal(700016, field("client_id"));
      if (form.has("client_secret") || form.has("client_assertion")) throw new Refusal(700025);
      const isCode = field("grant_type") === "authorization_code";
      const grant = isCode ? codes.get(field("code")) : refreshTokens.get(field("refresh_token"));
      // A code is good for one attempt. Entra does not revoke a refresh token when it is used.
      codes.delete(field("code"));
      if (grant === undefined || !isSame(grant.clientId, client.appId)) throw new Refusal(70000);
      if (grant.expiresAt <= Date.now()) throw new Refusal(70008);
      if (origin === undefined) throw new Refusal(9002327);
      if (origin !== new URL(grant.redirectUri).origin) throw new Refusal(9002326, origin);
      if (isCode && field("redirect_uri") !== grant.redirectUri) throw new Refusal(500112);
      if (isCode && sha256(field("code_verifier")) !== grant.challenge) throw new Refusal(501481);
      const person = people.find(({ id }) => id === grant.personId);
      if (person === undefined) throw new Refusal(50034);
      const asked = parseScopes(tenant, applications, client, form.get("scope") ?? grant.scope);
      const tokens = await issueTokens(tenant, client, person, asked, isCode ? grant.nonce : null);
      if (!asked.openid.includes("offline_access")) return ok(tokens);
      const refreshToken = randomBytes(32).toString("base64url");
      const expiresAt = isCode ? Date.now() + REFRESH_TOKEN_SECONDS * 1_000 : grant.expiresAt;
      refreshTokens.set(refreshToken, { ...grant, expiresAt });
      return ok({ ...tokens, refresh_token: refreshToken });
    },
  };
}

async function issueTokens(
  tenant: Tenant,
  client: AppRegistration,
  person: Person,
  { resource, audience, names, openid }: RequestedScopes,
  nonce: string | null,
) {
  const { id, displayName: name, userPrincipalName: preferred_username } = person;
  // The subject is pairwise: another one for each application.
  const about = ({ appId }: AppRegistration) => ({ name, preferred_username, sub: sha256(`${id} ${appId}`) });
  const claims = {
    ...claimsFor(resource, audience, client, "user"),
    ...about(resource),
    scp: names.join(" "),
  };
  const idClaims = { ...about(client), aud: client.appId, ver: "2.0", ...(nonce !== null && { nonce }) };
  const { accessTokenSeconds } = tenant;
  return {
    token_type: "Bearer",
    scope: names.map((scope) => `${audience}/${scope}`).join(" "),
    expires_in: accessTokenSeconds - 1,
    access_token: (await tenant.issue(claims, id, accessTokenSeconds)).token,
    ...(openid.includes("openid") && {
      id_token: (await tenant.issue(idClaims, id, ID_TOKEN_SECONDS)).token,
    }),
  };
}

async function errorPage({ body }: Refusal): Promise<Answer> {
  return await page(
    400,
    "Sorry, but we’re having trouble signing you in",
    html`<p>${body.error_description}</p>`,
  );
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
