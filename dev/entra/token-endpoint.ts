import { randomBytes } from "node:crypto";
import type { JWTPayload } from "jose";
import { type Answer, ok } from "./answer.ts";
import { type AppRegistration, findApplication, findResource, findServicePrincipal } from "./directory.ts";
import { isGraph } from "./graph.ts";
import { Refusal } from "./refusal.ts";
import { servicePrincipalId, type Tenant } from "./tenant.ts";

/**
 * `POST /{tenant}/oauth2/v2.0/token` with the client credentials grant (an application's token), or the
 * password grant (a user's token for Graph). The older `/oauth2/token` takes a resource instead of a scope.
 *
 * Also issues tokens to soft-deleted applications: in Entra, a token outlives its application, and this is
 * how to get one here.
 *
 * @throws {Refusal}
 */
export async function issueToken(
  tenant: Tenant,
  applications: readonly AppRegistration[],
  form: URLSearchParams,
): Promise<Answer> {
  const field = (name: string) => form.get(name) ?? "";
  const [clientId, secret] = [field("client_id"), field("client_secret")];
  const scope = form.has("resource") ? `${field("resource")}/.default` : field("scope");
  const audience = scope.replace(/\/\.default$/, "");
  if (audience === "") throw new Refusal(900144);
  if (field("grant_type") === "password" && isGraph(tenant, audience)) {
    // Every member of a tenant may read its app registrations. Any user name, without a password: the stand-in listens
    // on this machine only.
    const user = { idtyp: "user", upn: field("username"), scp: "Application.Read.All" };
    return await issue(tenant, { aud: audience, appid: clientId, ver: "1.0", ...user });
  }
  if (field("grant_type") !== "client_credentials") throw new Refusal(70003);
  // In Entra, an agent identity gets its token through its blueprint. Here, it has its own secret.
  const client = findApplication(applications, clientId) ?? findServicePrincipal(applications, clientId);
  if (client === undefined) throw new Refusal(700016, clientId);
  if (secret === "" || !client.passwordCredentials?.some(({ secretText }) => secretText === secret))
    throw new Refusal(7000215, client.appId);
  if (!scope.endsWith("/.default")) throw new Refusal(1002012, scope);
  const resource = findResource(applications, audience);
  if (resource === undefined) throw new Refusal(500011, audience);
  return await issue(tenant, claimsFor(resource, audience, client, "app"));
}

/**
 * The claims that say which application a token is for and from. The resource's app registration determines the
 * version, and whether there is an `idtyp`.
 */
export function claimsFor(
  resource: AppRegistration,
  audience: string,
  client: AppRegistration,
  idtyp: "app" | "user",
): JWTPayload {
  const id = client.appId.toLowerCase();
  // How the client proved who it is: by a secret, or not at all.
  const proof = idtyp === "app" ? "1" : "0";
  return {
    ...(resource.api?.requestedAccessTokenVersion === 2
      ? { aud: resource.appId, azp: id, azpacr: proof, ver: "2.0" }
      : { aud: audience, appid: id, appidacr: proof, ver: "1.0" }),
    uti: randomBytes(16).toString("base64url"),
    // An application's token has no `scp`.
    ...(resource.optionalClaims?.accessToken?.some(({ name }) => name === "idtyp") && { idtyp }),
  };
}

async function issue(tenant: Tenant, claims: JWTPayload): Promise<Answer> {
  const subject = servicePrincipalId(String(claims["appid"] ?? claims["azp"]));
  const { token } = await tenant.issue(claims, subject, tenant.accessTokenSeconds);
  return ok({ token_type: "Bearer", expires_in: tenant.accessTokenSeconds - 1, access_token: token });
}
