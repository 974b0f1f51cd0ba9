import type { Server } from "node:http";
import type { HttpRequest } from "@azure/functions";
import { createAdaptorServer, type HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { proxy } from "hono/proxy";
import { createAccessTokenVerifier } from "../src/adapters/entra/access-token-verifier.ts";
import { callerFromAccessToken } from "../src/http/caller.ts";
import { Problem } from "../src/http/problem.ts";
import { localPages } from "./gateway/local-pages.ts";
import { gatewayProblem, type Refusal } from "./gateway/problem.ts";
import { callerOfRoute, decodePath } from "./gateway/routes.ts";
import { isForThisMachine } from "./is-for-this-machine.ts";
import { listen } from "./listen.ts";
import { audiences } from "./local-defaults.ts";

/** The same limits as LKPS. */
const MAX_BODY_BYTES = 64 * 1024;
// As the routes match: in any letter case, with or without a slash at the end.
const WEBHOOK_PATH = /^\/api\/livekit\/webhook\/?$/i;
const MAX_WEBHOOK_BYTES = 1024 * 1024;
/** How long a body may take, such as one with a chunk of 2^64 bytes. */
const REQUEST_MS = 5_000;
const KEYS_MS = 5_000;
const NOT_FORWARDED = ["client-id", "x-functions-key", "host", "expect", "content-length", "http2-settings"];

/** What pages of an allowed origin may send and read. The sample gateways allow the same. */
export const corsRules = {
  allowMethods: ["GET", "POST", "DELETE"],
  allowHeaders: ["authorization", "content-type", "x-request-id"],
  exposeHeaders: ["Retry-After", "X-Request-ID"],
  maxAge: 600,
};

/** A completed request, for display. `code` is the problem's code, or null. */
export interface GatewayRequest {
  time: Date;
  method: string;
  path: string;
  /** The client id from the access token; null if none was required or the token was invalid. */
  caller: string | null;
  status: number;
  code: string | null;
  ms: number;
}

export interface GatewayOptions {
  /** 0, the default, picks a free port. */
  port?: number;
  appUrl: string;
  /** The app's `PUBLIC_BASE_URL`, if it has one. */
  publicBaseUrl?: string | undefined;
  functionKey: string;
  /** The Entra stand-in. */
  entra: { url: string; tenantId: string };
  /** Origins allowed by CORS; none by default. */
  corsOrigins?: readonly string[] | undefined;
  onRequest?: ((request: GatewayRequest) => void) | undefined;
}

export interface Gateway {
  url: string;
  close(): Promise<void>;
}

/** `path` is as decoded once. */
type Env = { Bindings: HttpBindings; Variables: { path: string; caller?: string } };

/**
 * Starts a stand-in for the Ocelot gateway, on 127.0.0.1. It identifies the caller from the access token,
 * sets the `client-id` header, and is the only one with the function key.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { appUrl, entra, publicBaseUrl = "", corsOrigins = [], functionKey } = options;
  const { tenantId, url: authorityHost } = entra;
  const verifier = createAccessTokenVerifier(
    { authorityHost, tenantId, audiences, timeoutMs: KEYS_MS },
    { now: () => new Date(), elapsed: () => performance.now() },
  );
  const identifyCaller = callerFromAccessToken(verifier.verify);
  const refuse = (c: Context, code: Refusal) =>
    gatewayProblem(code, publicBaseUrl, c.req.header("x-request-id"));

  /** Forwards a request with the gateway's own headers, and without those that only the gateway may set. */
  const forward = async (c: Context, method: string, own: Record<string, string> = {}) => {
    const target = new URL(c.req.url);
    // A function key can also be in the query.
    for (const name of [...target.searchParams.keys()]) {
      if (name.toLowerCase() === "code") target.searchParams.delete(name);
    }
    const headers = new Headers(c.req.raw.headers);
    for (const name of NOT_FORWARDED) headers.delete(name);
    for (const [name, value] of Object.entries(own)) headers.set(name, value);
    const url = `${appUrl}${target.pathname}${target.search}`;
    // In one piece: the Functions host drops a body without a length.
    const body = ["GET", "HEAD"].includes(method) ? null : await c.req.arrayBuffer();
    const raw = new Request(url, { method, headers });
    return await proxy(url, { raw, body, redirect: "manual" }).catch(() => refuse(c, "bad_gateway"));
  };

  // The caller disconnected while it sent its body.
  const app = new Hono<Env>().onError((_, c) => refuse(c, "invalid_request"));
  app.use(async (c, next) => {
    const [time, started] = [new Date(), performance.now()];
    await next();
    const isProblem = c.res.headers.get("content-type")?.startsWith("application/problem+json");
    options.onRequest?.({
      time,
      method: c.req.method,
      path: rawPath(c),
      caller: c.get("caller") ?? null,
      status: c.res.status,
      code: isProblem ? ((await c.res.clone().json()) as { code: string }).code : null,
      ms: performance.now() - started,
    });
  });
  const allowOrigins = cors({ ...corsRules, origin: [...corsOrigins] });
  app.use((c, next) => {
    const isPreflight = c.req.header("access-control-request-method") !== undefined;
    const isAllowed = corsOrigins.includes(c.req.header("origin") ?? "");
    return isAllowed && (isPreflight || c.req.method !== "OPTIONS") ? allowOrigins(c, next) : next();
  });
  app.use(async (c, next) => {
    // Ocelot would forward a WebSocket without a token. Any other upgrade is optional for the server (RFC 9110,
    // 7.8): Java's client offers h2c with each first request.
    const isWebSocket = /(^|[\s,])websocket\b/i.test(c.req.header("upgrade") ?? "");
    const path = decodePath(rawPath(c));
    if (isWebSocket || path === undefined || !isForThisMachine(c.env.incoming))
      return refuse(c, "invalid_request");
    c.set("path", path);
    return await next();
  });
  app.route("/", localPages(entra.url, publicBaseUrl, forward));
  app.use(async (c, next) => {
    const routeCaller = callerOfRoute(c.req.method, c.get("path"));
    if (routeCaller === undefined) return refuse(c, "not_found");
    if (routeCaller === "none") return await next();
    const caller = await identifyCaller(c.req.raw as unknown as HttpRequest).catch(() => null);
    if (caller === null) return refuse(c, "directory_unavailable");
    if (caller instanceof Problem) return refuse(c, caller.code as Refusal);
    c.set("caller", caller.clientId);
    if (routeCaller === "agent" && !caller.isApplicationToken) return refuse(c, "application_token_required");
    return await next();
  });
  const limitTo = (maxSize: number) => bodyLimit({ maxSize, onError: (c) => refuse(c, "body_too_large") });
  const [limitBody, limitWebhook] = [limitTo(MAX_BODY_BYTES), limitTo(MAX_WEBHOOK_BYTES)];
  app.use((c, next) => (WEBHOOK_PATH.test(c.get("path")) ? limitWebhook : limitBody)(c, next));
  app.all("*", (c) => {
    const caller = c.get("caller");
    return forward(
      c,
      c.req.method,
      caller === undefined ? {} : { "client-id": caller, "x-functions-key": functionKey },
    );
  });

  const serverOptions = { requestTimeout: REQUEST_MS, connectionsCheckingInterval: 1_000 };
  const server = createAdaptorServer({ fetch: app.fetch, serverOptions }) as Server;
  rejectMalformed(server, publicBaseUrl);
  return await listen(server, options.port ?? 0);
}

function rawPath({ env }: Context<Env>): string {
  return (env.incoming.url ?? "").split("?")[0] ?? "";
}

/** Responds to requests that Node's parser rejects, such as a malformed chunk, with a problem. */
function rejectMalformed(server: Server, baseUrl: string): void {
  server.on("clientError", async (_, socket) => {
    const problem = gatewayProblem("invalid_request", baseUrl);
    const body = await problem.text();
    problem.headers.set("Content-Length", String(Buffer.byteLength(body)));
    const fields = [...problem.headers].map(([name, value]) => `${name}: ${value}\r\n`).join("");
    if (!socket.writable) socket.destroy();
    else socket.end(`HTTP/1.1 400 Bad Request\r\nConnection: close\r\n${fields}\r\n${body}`);
  });
}
