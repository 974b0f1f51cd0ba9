import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import type { JWTPayload } from "jose";
import { isForThisMachine } from "../is-for-this-machine.ts";
import { listen } from "../listen.ts";
import { identityHeader, managedIdentityClientId, tenantId } from "../local-defaults.ts";
import { type Answer, entraError, graphError, ok } from "./answer.ts";
import { DirectoryError, readDirectory } from "./directory.ts";
import { getBatch, getResource, refuseToken } from "./graph.ts";
import { issueManagedIdentityToken } from "./managed-identity.ts";
import { openSigningKey } from "./signing-key.ts";
import { createTenant, type Tenant } from "./tenant.ts";
import { issueToken } from "./token-endpoint.ts";

export interface EntraStandInOptions {
  /** App registrations as in Graph; read again for every request. */
  directoryFile: string;
  /** 0, the default, picks a free port. */
  port?: number;
  /** Stores the signing key across restarts. */
  keyFile?: string;
  /** Called if the directory file can't be read; the response is a 503. */
  onProblem?: (message: string) => void;
  /**
   * Called first for every request. Returns true if it has responded or never will; tests use it to make
   * Graph slow or broken.
   */
  intercept?:
    | ((request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>)
    | undefined;
}

export interface EntraStandIn {
  url: string;
  tenantId: string;
  issuers: { v1: string; v2: string };
  /** For `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`. */
  identityEndpoint: string;
  identityHeader: string;
  /** Signs any claims as this tenant. */
  sign(claims: JWTPayload): Promise<string>;
  close(): Promise<void>;
}

const identity = {
  clientId: managedIdentityClientId,
  roles: ["Application.Read.All"],
  header: identityHeader,
};

/**
 * Starts a stand-in for the parts of Entra that LKPS needs, on 127.0.0.1: the managed identity endpoint,
 * Graph, and a tenant that issues tokens.
 */
export async function startEntraStandIn(options: EntraStandInOptions): Promise<EntraStandIn> {
  const key = await openSigningKey(options.keyFile);
  const server = createServer(async (request, response) => {
    try {
      if (await options.intercept?.(request, response)) return;
      const { status, body, headers } = await answer(options, tenant, request);
      const common = { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" };
      response.writeHead(status, { ...common, ...headers }).end(JSON.stringify(body));
    } catch {
      // The caller disconnected or sent an invalid URL.
      response.destroy();
    }
  });
  const { url, close } = await listen(server, options.port ?? 0);
  const tenant = createTenant(tenantId, url, key);
  const { issuers, sign } = tenant;
  return { url, tenantId, issuers, identityEndpoint: `${url}/msi/token`, identityHeader, sign, close };
}

async function answer(
  { directoryFile, onProblem }: EntraStandInOptions,
  tenant: Tenant,
  request: IncomingMessage,
): Promise<Answer> {
  if (!isForThisMachine(request))
    return entraError(400, "invalid_request", 900, "The stand-in accepts requests for this machine only.");
  const target = new URL(`${tenant.url}${request.url}`);
  const { method = "" } = request;
  const [, first = ""] = target.pathname.split("/");
  if (first === "msi") return await issueManagedIdentityToken(tenant, identity, request, target.searchParams);
  const path = target.pathname.slice(first.length + 1);
  try {
    if (first === "v1.0") {
      const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1];
      const refused = refuseToken(tenant, token === undefined ? null : await tenant.verify(token));
      if (refused !== null) return refused;
      const applications = await readDirectory(directoryFile);
      return method === "POST" && path.toLowerCase() === "/$batch"
        ? getBatch(tenant, applications, await text(request))
        : getResource(tenant, applications, method, target);
    }
    if (target.pathname === "/local-stack") return ok(await describeLocalStack(directoryFile));
    if (first.toLowerCase() !== tenant.id)
      return entraError(400, "invalid_tenant", 90002, `Tenant '${first}' not found.`);
    if (method === "POST" && /^\/oauth2\/(v2\.0\/)?token$/.test(path)) {
      const form = new URLSearchParams(await text(request));
      return await issueToken(tenant, await readDirectory(directoryFile), form);
    }
  } catch (error) {
    if (!(error instanceof DirectoryError)) throw error;
    onProblem?.(error.message);
    // For lkps, which prints it as it is.
    if (first === "local-stack") return { status: 503, body: { directory_error: error.message } };
    return first === "v1.0"
      ? graphError(503, "serviceNotAvailable", error.message)
      : entraError(503, "temporarily_unavailable", 90033, error.message);
  }
  if (/^\/discovery\/(v2\.0\/)?keys$/.test(path)) return ok(tenant.keys);
  const [metadata, version = ""] = /^(\/v2\.0)?\/\.well-known\/openid-configuration$/.exec(path) ?? [];
  if (metadata === undefined) return entraError(404, "not_found", 900, `There is nothing at ${path}.`);
  const base = `${tenant.url}/${tenant.id}`;
  return ok({
    issuer: version === "" ? tenant.issuers.v1 : tenant.issuers.v2,
    token_endpoint: `${base}/oauth2${version}/token`,
    jwks_uri: `${base}/discovery${version}/keys`,
    id_token_signing_alg_values_supported: ["RS256"],
  });
}

/**
 * `GET /local-stack`, which Entra does not have: the tenant, and the applications that can sign in, with their secrets,
 * for `lkps --local --as`. The secrets are public: they are in the repository.
 */
async function describeLocalStack(directoryFile: string) {
  const applications = (await readDirectory(directoryFile)).flatMap(
    ({ appId, displayName = "", passwordCredentials }) => {
      const secret = passwordCredentials?.find(({ secretText }) => secretText)?.secretText;
      if (secret === undefined) return [];
      return { client_id: appId.toLowerCase(), display_name: displayName, client_secret: secret };
    },
  );
  return { tenant_id: tenantId, applications };
}
