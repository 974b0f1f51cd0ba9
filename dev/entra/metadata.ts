import type { Answer } from "./json-response.ts";
import type { Tenant } from "./tenant.ts";

/** Returns the tenant's OpenID metadata or keys, of either version; null for any other path. */
export function metadata(tenant: Tenant, path: string): Answer | null {
  const base = `${tenant.url}/${tenant.id}`;
  switch (path) {
    case "/v2.0/.well-known/openid-configuration":
      return ok({
        token_endpoint: `${base}/oauth2/v2.0/token`,
        token_endpoint_auth_methods_supported: ["client_secret_post"],
        jwks_uri: `${base}/discovery/v2.0/keys`,
        subject_types_supported: ["pairwise"],
        id_token_signing_alg_values_supported: ["RS256"],
        issuer: tenant.issuers.v2,
      });
    case "/.well-known/openid-configuration":
      return ok({
        token_endpoint: `${base}/oauth2/token`,
        token_endpoint_auth_methods_supported: ["client_secret_post"],
        jwks_uri: `${base}/discovery/keys`,
        subject_types_supported: ["pairwise"],
        id_token_signing_alg_values_supported: ["RS256"],
        issuer: tenant.issuers.v1,
      });
    case "/discovery/v2.0/keys":
    case "/discovery/keys":
      return ok(tenant.keys);
    default:
      return null;
  }
}

function ok(body: unknown): Answer {
  return { status: 200, body };
}
