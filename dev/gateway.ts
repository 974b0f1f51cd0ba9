import { Agent, createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { corsOf } from "./gateway/cors.ts";
import { type AppResponse, collect, forward } from "./gateway/forward.ts";
import { type AccessTokenRules, identifyCaller } from "./gateway/identify-caller.ts";
import { createTenantJwks } from "./gateway/jwks.ts";
import { answerMalformedRequests } from "./gateway/malformed-requests.ts";
import { problemCodeOf } from "./gateway/problem-code.ts";
import { type RefusalCode, refusal } from "./gateway/refusal.ts";
import { callerOfRoute, isAmbiguous } from "./gateway/route.ts";
import { listen } from "./listen.ts";
import { MAX_HEADER_BYTES, refuseRequest } from "./refuse-request.ts";

/** LKPS's own limit. */
const MAX_BODY_BYTES = 64 * 1024;

/** One answered request, as a person wants to read it; `code` is the problem's, null where there is none. */
export interface GatewayRequest {
  time: Date;
  method: string;
  path: string;
  /** Client id from the access token; null where none was needed or none was good. */
  caller: string | null;
  status: number;
  code: string | null;
  ms: number;
}

export interface GatewayOptions {
  /** 0, the default, takes a free one. */
  port?: number;
  appUrl: string;
  functionKey: string;
  /** Where the tenant publishes its keys, and what its tokens must say. */
  jwksUri: string;
  tenantId: string;
  issuers: { v1: string; v2: string };
  audiences: string[];
  /** Origins whose pages may call; none unless given. */
  corsOrigins?: readonly string[];
  onRequest?: (request: GatewayRequest) => void;
}

export interface Gateway {
  url: string;
  close(): Promise<void>;
}

/**
 * Starts, on 127.0.0.1, the stand-in for Ocelot as it is configured in front of LKPS: it proves who calls by the
 * access token, says so in the header `client-id`, and alone holds the function key.
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
        // The caller hung up in the middle of its body.
        response.destroy();
      }
    },
  );
  answerMalformedRequests(server);
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
  const refused = (code: RefusalCode, caller: string | null = null) => ({
    caller,
    answer: refusal(code, request),
  });
  const status = refuseRequest(request);
  if (status !== null) return refused(status === 413 ? "body_too_large" : "invalid_request");
  // Ocelot would pass a WebSocket on without asking for a token. Any other upgrade is an offer that a server may ignore
  // (RFC 9110, 7.8): Java's client makes one, h2c, with each first request.
  if (/(^|[\s,])websocket\b/i.test(request.headers.upgrade ?? "")) return refused("invalid_request");
  const path = pathOf(request);
  if (isAmbiguous(path)) return refused("invalid_request");
  const routeCaller = callerOfRoute(request.method ?? "", path);
  if (routeCaller === null) return refused("not_found");
  let caller: string | null = null;
  const own: Record<string, string> = {};
  if (routeCaller !== "none") {
    const found = await identifyCaller(request.headersDistinct["authorization"], rules);
    if ("refusal" in found) return refused(found.refusal);
    caller = found.clientId;
    if (routeCaller === "agent" && !found.isApplicationToken)
      return refused("application_token_required", caller);
    own["client-id"] = caller;
    own["x-functions-key"] = options.functionKey;
  }
  const body = await collect(request, MAX_BODY_BYTES);
  if (body === null) return refused("body_too_large", caller);
  try {
    return { caller, answer: await forward(request, body, options.appUrl, own, agent) };
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

const preflightAnswer: AppResponse = {
  status: 204,
  statusText: "No Content",
  headers: ["content-length", "0"],
  body: Buffer.alloc(0),
};
