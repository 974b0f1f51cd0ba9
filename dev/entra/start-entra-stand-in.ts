import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import type { JWTPayload } from "jose";
import { isForThisMachine } from "../is-for-this-machine.ts";
import { listen } from "../listen.ts";
import { DirectoryError, readDirectory } from "./directory.ts";
import { getBatch, getResource, isGraph, refuseToken } from "./graph.ts";
import { graphError } from "./graph-error.ts";
import { type Answer, send } from "./json-response.ts";
import { describeLocalStack } from "./local-stack-endpoint.ts";
import { issueManagedIdentityToken, type ManagedIdentity } from "./managed-identity.ts";
import { metadata } from "./metadata.ts";
import { openSigningKey } from "./signing-key.ts";
import { createTenant, type Tenant } from "./tenant.ts";
import { failure, issueToken } from "./token-endpoint.ts";

export interface EntraStandInOptions {
  /** App registrations as in Graph; read again for every request. */
  directoryFile: string;
  /** 0, the default, picks a free port. */
  port?: number;
  tenantId: string;
  managedIdentity: ManagedIdentity;
  /** The secret that the managed identity endpoint requires. */
  identityHeader: string;
  /** Stores the signing key across restarts. */
  keyFile?: string;
  /** Called if the directory file can't be read; the response is a 503. */
  onProblem?: (message: string) => void;
  /**
   * Called first for every request. Returns true if it has responded or never will; tests use it to make
   * Graph slow or broken.
   */
  intercept?: (request: IncomingMessage, response: ServerResponse) => boolean | Promise<boolean>;
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

/**
 * Starts a stand-in for the parts of Entra that LKPS needs, on 127.0.0.1: the managed identity endpoint,
 * Graph, and a tenant that issues tokens.
 */
export async function startEntraStandIn(options: EntraStandInOptions): Promise<EntraStandIn> {
  const key = await openSigningKey(options.keyFile);
  const server = createServer(async (request, response) => {
    try {
      if (await options.intercept?.(request, response)) return;
      send(response, await answer(options, tenant, request));
    } catch {
      // The caller disconnected or sent an invalid URL.
      response.destroy();
    }
  });
  const { url, close } = await listen(server, options.port ?? 0);
  const tenant = createTenant(options.tenantId, url, key);
  return {
    url,
    tenantId: tenant.id,
    issuers: tenant.issuers,
    identityEndpoint: `${url}/msi/token`,
    identityHeader: options.identityHeader,
    sign: tenant.sign,
    close,
  };
}

async function answer(
  options: EntraStandInOptions,
  tenant: Tenant,
  request: IncomingMessage,
): Promise<Answer> {
  if (!isForThisMachine(request))
    return failure(400, "invalid_request", 900, "The stand-in accepts requests for this machine only.");
  const target = new URL(`${tenant.url}${request.url}`);
  const [, first = ""] = target.pathname.split("/");
  try {
    if (first === "v1.0") return await graph(options, tenant, request, target);
    if (target.pathname === "/local-stack" && request.method === "GET")
      return await describeLocalStack(tenant.id, options.directoryFile);
    if (first === "msi") {
      const { managedIdentity, identityHeader } = options;
      const isResource = (resource: string) => isGraph(tenant, resource);
      const query = target.searchParams;
      return await issueManagedIdentityToken(
        tenant,
        managedIdentity,
        identityHeader,
        request,
        query,
        isResource,
      );
    }
    if (first.toLowerCase() !== tenant.id) {
      return failure(400, "invalid_tenant", 90002, `Tenant '${first}' not found.`);
    }
    const path = target.pathname.slice(first.length + 1);
    if (request.method === "POST" && /^\/oauth2\/(v2\.0\/)?token$/.test(path)) {
      const form = new URLSearchParams(await text(request));
      return await issueToken(tenant, await readDirectory(options.directoryFile), form);
    }
    const found = request.method === "GET" ? metadata(tenant, path) : null;
    return found ?? failure(404, "not_found", 900, `There is nothing at ${path}.`);
  } catch (error) {
    if (!(error instanceof DirectoryError)) throw error;
    options.onProblem?.(error.message);
    // For lkps, which prints it as it is.
    if (first === "local-stack") return { status: 503, body: { directory_error: error.message } };
    return first === "v1.0"
      ? graphError(503, "serviceNotAvailable", error.message)
      : failure(503, "temporarily_unavailable", 90033, error.message);
  }
}

async function graph(
  options: EntraStandInOptions,
  tenant: Tenant,
  request: IncomingMessage,
  target: URL,
): Promise<Answer> {
  const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1];
  const refused = refuseToken(tenant, token === undefined ? null : await tenant.verify(token));
  if (refused !== null) return refused;
  const applications = await readDirectory(options.directoryFile);
  return request.method === "POST" && target.pathname.toLowerCase() === "/v1.0/$batch"
    ? getBatch(tenant, applications, await text(request))
    : getResource(tenant, applications, request.method ?? "", target);
}
