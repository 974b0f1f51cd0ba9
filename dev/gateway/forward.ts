import { on } from "node:events";
import { type Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";

/** The app's response, returned to the caller unchanged. */
export interface AppResponse {
  status: number;
  statusText: string;
  headers: string[];
  body: Buffer;
}

/** How long Kestrel waits for a body that arrives too slowly, such as one with a chunk of 2^64 bytes. */
const BODY_TIMEOUT_MS = 5_000;
// Headers of one connection (RFC 9110, 7.6.1).
export const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
// Headers that only the gateway may set, in any letter case.
const GATEWAY_ONLY = new Set(["client-id", "x-functions-key"]);

/**
 * Forwards a request to the app with the caller's method, target and headers, except for those that only the
 * gateway may set.
 *
 * @param gatewayHeaders - the headers that the gateway sets
 * @throws if the app can't be reached or the connection breaks
 */
export function forward(
  upstream: IncomingMessage,
  body: Buffer,
  appUrl: string,
  gatewayHeaders: Record<string, string>,
  agent: Agent,
): Promise<AppResponse> {
  const headers = headersWithout(
    upstream.rawHeaders,
    new Set([...HOP_BY_HOP, ...GATEWAY_ONLY, "host", "expect", "content-length"]),
  );
  // The Functions host drops a body without a Content-Length, so a chunked body is sent in one piece.
  const length =
    body.length > 0 || !["GET", "HEAD"].includes(upstream.method ?? "")
      ? ["content-length", String(body.length)]
      : [];
  const target = new URL(appUrl);
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      host: target.hostname,
      port: target.port,
      method: upstream.method,
      path: withoutKey(upstream.url ?? "/"),
      headers: [...headers, "host", target.host, ...length, ...Object.entries(gatewayHeaders).flat()],
      agent,
    });
    request.on("error", reject);
    request.on("response", (response) => {
      buffer(response).then((bytes) => {
        resolve({
          status: response.statusCode ?? 502,
          statusText: response.statusMessage ?? "",
          headers: headersWithout(response.rawHeaders, HOP_BY_HOP),
          body: bytes,
        });
      }, reject);
    });
    request.end(body);
  });
}

/** Reads the whole body, or says why it can't: it is longer than `maxBytes`, or does not arrive in time. */
export async function readBody(
  request: IncomingMessage,
  maxBytes: number,
): Promise<Buffer | "body_too_large" | "invalid_request"> {
  const chunks: Buffer[] = [];
  let length = 0;
  const signal = AbortSignal.timeout(BODY_TIMEOUT_MS);
  try {
    // Unlike the stream's own iterator, this keeps the connection open for the error response.
    for await (const [chunk] of on(request, "data", { close: ["end"], signal })) {
      length += chunk.length;
      if (length > maxBytes) return "body_too_large";
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    if (signal.aborted) return "invalid_request";
    throw error;
  }
}

/** A function key can also be in the query, as `code`. */
function withoutKey(target: string): string {
  const mark = target.indexOf("?");
  if (mark < 0) return target;
  const kept = target
    .slice(mark + 1)
    .split("&")
    .filter((pair) => !isKey(pair));
  return kept.length === 0 ? target.slice(0, mark) : `${target.slice(0, mark)}?${kept.join("&")}`;
}

function isKey(pair: string): boolean {
  return [...new URLSearchParams(pair).keys()].some((name) => name.toLowerCase() === "code");
}

function headersWithout(raw: readonly string[], dropped: ReadonlySet<string>): string[] {
  return raw.filter((_, index) => !dropped.has(raw[index - (index % 2)]?.toLowerCase() ?? ""));
}
