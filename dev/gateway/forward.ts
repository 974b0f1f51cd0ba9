import { type Agent, request as httpRequest, type IncomingMessage } from "node:http";

/** What the app answered, to be passed on as it is. */
export interface AppResponse {
  status: number;
  statusText: string;
  headers: string[];
  body: Buffer;
}

// They belong to one connection, not to the request (RFC 9110, 7.6.1).
const HOP_BY_HOP = new Set([
  "connection",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
// The gateway's own word, which no caller may speak; in any letter case, as HTTP wants.
const GATEWAY_ONLY = new Set(["client-id", "x-functions-key"]);

/**
 * Sends a request to the app: the caller's method, target and headers, without what only the gateway may say.
 * @param own the headers that the gateway sets
 * @throws when the app cannot be reached or breaks off
 */
export function forward(
  upstream: IncomingMessage,
  body: Buffer,
  appUrl: string,
  own: Record<string, string>,
  agent: Agent,
): Promise<AppResponse> {
  const headers = headersWithout(
    upstream.rawHeaders,
    new Set([...HOP_BY_HOP, ...GATEWAY_ONLY, "host", "expect", "content-length"]),
  );
  // The Functions host drops a body without a length, so that chunked ones are sent whole.
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
      headers: [...headers, "host", target.host, ...length, ...Object.entries(own).flat()],
      agent,
    });
    request.on("error", reject);
    request.on("response", (response) => {
      collect(response).then((bytes) => {
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

/** The whole body of a message; null when it is longer than `limit`. */
export async function collect(message: IncomingMessage): Promise<Buffer>;
export async function collect(message: IncomingMessage, limit: number): Promise<Buffer | null>;
export async function collect(
  message: IncomingMessage,
  limit = Number.POSITIVE_INFINITY,
): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  // What is too long is answered: the connection must outlast the end of reading.
  for await (const chunk of message.iterator({ destroyOnReturn: false })) {
    length += (chunk as Buffer).length;
    if (length > limit) return null;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

/** A function key may also stand in the query, as `code`. */
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
