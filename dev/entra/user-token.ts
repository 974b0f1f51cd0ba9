import type { Answer } from "./json-response.ts";
import type { Tenant } from "./tenant.ts";

const LIFETIME_SECONDS = 3_600;

/**
 * Issues a user's access token for Graph with permission to read app registrations, which every member of a
 * tenant has. Accepts any user name without a password: the stand-in listens on this machine only.
 */
export async function issueUserToken(tenant: Tenant, form: URLSearchParams): Promise<Answer> {
  const now = Math.floor(Date.now() / 1_000);
  const user = form.get("username") ?? "";
  const token = await tenant.sign({
    aud: (form.get("scope") ?? "").replace(/\/\.default$/, ""),
    iss: tenant.issuers.v1,
    iat: now,
    nbf: now,
    exp: now + LIFETIME_SECONDS,
    tid: tenant.id,
    appid: form.get("client_id") ?? "",
    idtyp: "user",
    upn: user,
    scp: "Application.Read.All",
    ver: "1.0",
  });
  return {
    status: 200,
    body: { token_type: "Bearer", expires_in: LIFETIME_SECONDS - 1, access_token: token },
  };
}
