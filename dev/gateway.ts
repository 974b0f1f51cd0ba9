import { Agent, createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { corsOf, preflightAnswer } from "./gateway/cors.ts";
import { type AppResponse, forward, readBody } from "./gateway/forward.ts";
import { type GatewayProblemCode, gatewayProblem } from "./gateway/gateway-problem.ts";
import { type AccessTokenRules, identifyCaller } from "./gateway/identify-caller.ts";
import { createTenantJwks } from "./gateway/jwks.ts";
import { localPage } from "./gateway/local-pages.ts";
import { answerMalformedRequests } from "./gateway/malformed-requests.ts";
import { problemCodeOf } from "./gateway/problem-code.ts";
import { callerOfRoute, isAmbiguous } from "./gateway/route-caller.ts";
import { isForThisMachine } from "./is-for-this-machine.ts";
import { kestrelRejection, MAX_HEADER_BYTES } from "./kestrel-limits.ts";
import { listen } from "./listen.ts";

/** The same limit as LKPS. */
const MAX_BODY_BYTES = 64 * 1024;

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
  /** The Entra stand-in's URL, for the pages of the local stack; without it, there are none. */
  entraUrl?: string;
  /** The URL of the tenant's JWKS. */
  jwksUri: string;
  tenantId: string;
  issuers: { v1: string; v2: string };
  audiences: string[];
  /** Origins allowed by CORS; none by default. */
  corsOrigins?: readonly string[];
  onRequest?: (request: GatewayRequest) => void;
}

export interface Gateway {
  url: string;
  close(): Promise<void>;
}

/**
 * Starts a stand-in for the Ocelot gateway, on 127.0.0.1. It identifies the caller from the access token,
 * sets the `client-id` header, and is the only one with the function key.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { jwksUri, tenantId, issuers, audiences } = options;
  const rules = { issuers, audiences, keys: createTenantJwks(jwksUri, tenantId, issuers) };
  const agent = new Agent({ keepAlive: true });
  const server = createServer(
    { maxHeaderSize: MAX_HEADER_BYTES, requireHostHeader: false },
    async (request, response) => {
      const started = performance.now();
      const time = new Date();
      try {
        const cors = corsOf(options.corsOrigins ?? [], request);
        const { caller, answer } = cors.preflight
          ? { caller: null, answer: preflightAnswer }
          : await handle(request, options, rules, agent);
        write(response, { ...answer, headers: [...answer.headers, ...cors.headers] });
        options.onRequest?.({
          time,
          method: request.method ?? "",
          path: pathOf(request),
          caller,
          status: answer.status,
          code: problemCodeOf(answer),
          ms: performance.now() - started,
        });
      } catch {
        // The caller disconnected while it sent its body.
        response.destroy();
      }
    },
  );
  answerMalformedRequests(server, options.publicBaseUrl ?? "");
  const { url, close } = await listen(server, options.port ?? 0);
  return {
    url,
    close: async () => {
      await close();
      agent.destroy();
    },
  };
}

async function handle(
  request: IncomingMessage,
  options: GatewayOptions,
  rules: AccessTokenRules,
  agent: Agent,
): Promise<{ caller: string | null; answer: AppResponse }> {
  const refused = (code: GatewayProblemCode, caller: string | null = null) => ({
    caller,
    answer: gatewayProblem(code, request, options.publicBaseUrl ?? ""),
  });
  const status = kestrelRejection(request);
  if (status !== null) return refused(status === 413 ? "body_too_large" : "invalid_request");
  if (!isForThisMachine(request)) return refused("invalid_request");
  // Ocelot would forward a WebSocket without a token. Any other upgrade is optional for the server (RFC 9110,
  // 7.8): Java's client offers h2c with each first request.
  if (/(^|[\s,])websocket\b/i.test(request.headers.upgrade ?? "")) return refused("invalid_request");
  const path = pathOf(request);
  if (isAmbiguous(path)) return refused("invalid_request");
  const page = await localPage(request, path, options);
  if (page !== null) return { caller: null, answer: page };
  const routeCaller = callerOfRoute(request.method ?? "", path);
  if (routeCaller === null) return refused("not_found");
  let caller: string | null = null;
  const gatewayHeaders: Record<string, string> = {};
  if (routeCaller !== "none") {
    const found = await identifyCaller(request.headersDistinct["authorization"], rules);
    if ("refusal" in found) return refused(found.refusal);
    caller = found.clientId;
    if (routeCaller === "agent" && !found.isApplicationToken)
      return refused("application_token_required", caller);
    gatewayHeaders["client-id"] = caller;
    gatewayHeaders["x-functions-key"] = options.functionKey;
  }
  const body = await readBody(request, MAX_BODY_BYTES);
  if (typeof body === "string") return refused(body, caller);
  try {
    return { caller, answer: await forward(request, body, options.appUrl, gatewayHeaders, agent) };
  } catch {
    return refused("bad_gateway", caller);
  }
}

function write(response: ServerResponse, { status, statusText, headers, body }: AppResponse): void {
  response.writeHead(status, statusText, headers);
  response.end(body);
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? "").split("?")[0] ?? "";
}
