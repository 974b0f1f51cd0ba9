import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import type { JWTPayload } from "jose";
import { isForThisMachine } from "../is-for-this-machine.ts";
import { listen } from "../listen.ts";
import { identityHeader, managedIdentityClientId, tenantId } from "../local-defaults.ts";
import { type Answer, entraError, graphError, ok } from "./answer.ts";
import { DirectoryError, readDirectory } from "./directory.ts";
import { answerGraph } from "./graph.ts";
import { issueManagedIdentityToken } from "./managed-identity.ts";
import { Refusal } from "./refusal.ts";
import { createSignIn, type SignIn } from "./sign-in.ts";
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
  /** How long access tokens are valid; an hour by default. */
  accessTokenSeconds?: number | undefined;
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
      const { status, body, headers } = await answer(options, tenant, signIn, request);
      const common = { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" };
      response.writeHead(status, { ...common, ...headers });
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    } catch {
      // The caller disconnected or sent an invalid URL.
      response.destroy();
    }
  });
  const { url, close } = await listen(server, options.port ?? 0);
  const tenant = createTenant(tenantId, url, key, options.accessTokenSeconds ?? 3_600);
  const signIn = createSignIn(tenant);
  const { issuers, sign } = tenant;
  return { url, tenantId, issuers, identityEndpoint: `${url}/msi/token`, identityHeader, sign, close };
}

async function answer(
  { directoryFile, onProblem }: EntraStandInOptions,
  tenant: Tenant,
  signIn: SignIn,
  request: IncomingMessage,
): Promise<Answer> {
  if (!isForThisMachine(request))
    return entraError(400, "invalid_request", 900, "The stand-in accepts requests for this machine only.");
  const target = new URL(`${tenant.url}${request.url}`);
  const { method = "" } = request;
  if (method === "OPTIONS") {
    const headers = request.headers["access-control-request-headers"] ?? "";
    return readable({ status: 204, body: "", headers: { "access-control-allow-headers": headers } });
  }
  const [, first = ""] = target.pathname.split("/");
  if (first === "msi") return await issueManagedIdentityToken(tenant, identity, request, target.searchParams);
  const path = target.pathname.slice(first.length + 1);
  try {
    if (first === "v1.0") {
      const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1];
      const claims = token === undefined ? null : await tenant.verify(token);
      const directory = await readDirectory(directoryFile);
      return readable(answerGraph({ tenant, directory, claims }, method, target, await text(request)));
    }
    if (target.pathname === "/local-stack") return ok(await describeLocalStack(directoryFile));
    if (first.toLowerCase() !== tenant.id)
      return entraError(400, "invalid_tenant", 90002, `Tenant '${first}' not found.`);
    if (path === "/oauth2/v2.0/authorize") {
      const personId = method === "POST" ? new URLSearchParams(await text(request)).get("person") : null;
      return await signIn.authorize(await readDirectory(directoryFile), target.searchParams, personId);
    }
    if (path === "/oauth2/v2.0/logout")
      return await signIn.signOut(await readDirectory(directoryFile), target.searchParams);
    if (method === "POST" && /^\/oauth2\/(v2\.0\/)?token$/.test(path)) {
      const form = new URLSearchParams(await text(request));
      const directory = await readDirectory(directoryFile);
      if (!["authorization_code", "refresh_token"].includes(form.get("grant_type") ?? ""))
        return await issueToken(tenant, directory.applications, form);
      return readable(await signIn.redeem(directory, form, request.headers.origin));
    }
  } catch (error) {
    if (error instanceof Refusal) return readable(error.answer);
    if (!(error instanceof DirectoryError)) throw error;
    onProblem?.(error.message);
    // For lkps, which prints it as it is.
    if (first === "local-stack") return { status: 503, body: { directory_error: error.message } };
    return first === "v1.0"
      ? graphError(503, "serviceNotAvailable", error.message)
      : entraError(503, "temporarily_unavailable", 90033, error.message);
  }
  if (/^\/discovery\/(v2\.0\/)?keys$/.test(path)) return readable(ok(tenant.keys));
  const [metadata, version = ""] = /^(\/v2\.0)?\/\.well-known\/openid-configuration$/.exec(path) ?? [];
  if (metadata === undefined) return entraError(404, "not_found", 900, `There is nothing at ${path}.`);
  const base = `${tenant.url}/${tenant.id}`;
  return readable(
    ok({
      issuer: version === "" ? tenant.issuers.v1 : tenant.issuers.v2,
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      token_endpoint: `${base}/oauth2${version}/token`,
      end_session_endpoint: `${base}/oauth2/v2.0/logout`,
      jwks_uri: `${base}/discovery${version}/keys`,
    }),
  );
}

/** Lets pages of any origin read the response, as Entra and Graph do. */
function readable(answer: Answer): Answer {
  return { ...answer, headers: { ...answer.headers, "access-control-allow-origin": "*" } };
}

/**
 * `GET /local-stack`, which Entra does not have: the tenant, and the applications that can sign in, with their secrets,
 * for `lkps --local --as`. The secrets are public: they are in the repository.
 */
async function describeLocalStack(directoryFile: string) {
  const directory = await readDirectory(directoryFile);
  const applications = directory.applications.flatMap(({ appId, displayName = "", passwordCredentials }) => {
    const secret = passwordCredentials?.find(({ secretText }) => secretText)?.secretText;
    if (secret === undefined) return [];
    return { client_id: appId.toLowerCase(), display_name: displayName, client_secret: secret };
  });
  return { tenant_id: tenantId, applications };
}
