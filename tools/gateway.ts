import { Agent, createServer, type IncomingMessage, type ServerResponse, STATUS_CODES } from "node:http";
import { createRemoteJWKSet } from "jose";
import { type AccessTokenRules, callerOf } from "./gateway/caller-of.ts";
import { codeOf } from "./gateway/code-of.ts";
import { corsOf } from "./gateway/cors.ts";
import { collect, type Downstream, forward } from "./gateway/forward.ts";
import { routeOf } from "./gateway/route.ts";
import { listen } from "./listen.ts";
import { MAX_HEADER_BYTES, refuseRequest } from "./refuse-request.ts";

/** Kestrel's limit, and so Ocelot's. */
const MAX_BODY_BYTES = 30_000_000;

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
  issuers: string[];
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
  const { jwksUri, issuers, audiences } = options;
  const rules = { issuers, audiences, keys: createRemoteJWKSet(new URL(jwksUri), { cooldownDuration: 0 }) };
  const agent = new Agent({ keepAlive: true });
  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, async (request, response) => {
    const started = performance.now();
    const time = new Date();
    try {
      const cors = corsOf(options.corsOrigins ?? [], request);
      const { caller, answer } = cors.preflight
        ? { caller: null, answer: empty(204) }
        : await handle(request, options, rules, agent);
      write(response, { ...answer, headers: [...answer.headers, ...cors.headers] });
      options.onRequest?.({
        time,
        method: request.method ?? "",
        // For a terminal: a caller's bytes must not become its control sequences.
        path: pathOf(request).replaceAll(/[^\x21-\x7e]/g, "?"),
        caller,
        status: answer.status,
        code: codeOf(answer),
        ms: performance.now() - started,
      });
    } catch {
      // The caller hung up in the middle of its body.
      response.destroy();
    }
  });
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
): Promise<{ caller: string | null; answer: Downstream }> {
  const refused = refuseRequest(request);
  if (refused !== null) return { caller: null, answer: empty(refused) };
  // Ocelot would pass a WebSocket on without asking for a token.
  if (request.headers.upgrade !== undefined) return { caller: null, answer: empty(400) };
  const route = routeOf(request.method ?? "", pathOf(request));
  if (route === "none") return { caller: null, answer: empty(404) };
  let caller: string | null = null;
  const own: Record<string, string> = {};
  if (route === "authenticated") {
    const found = await callerOf(request.headers.authorization, rules);
    if ("refusal" in found) return { caller: null, answer: empty(found.refusal) };
    caller = found.clientId;
    own["client-id"] = caller;
    own["x-functions-key"] = options.functionKey;
  }
  const body = await collect(request, MAX_BODY_BYTES);
  if (body === null) return { caller, answer: empty(413) };
  try {
    return { caller, answer: await forward(request, body, options.appUrl, own, agent) };
  } catch {
    return { caller, answer: empty(502) };
  }
}

function write(response: ServerResponse, { status, statusText, headers, body }: Downstream): void {
  response.writeHead(status, statusText, headers);
  response.end(body);
}

function pathOf(request: IncomingMessage): string {
  return (request.url ?? "").split("?")[0] ?? "";
}

function empty(status: number): Downstream {
  return {
    status,
    statusText: STATUS_CODES[status] ?? "",
    headers: ["content-length", "0"],
    body: Buffer.alloc(0),
  };
}
