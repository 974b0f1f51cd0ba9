import { createServer, request as httpRequest, type IncomingHttpHeaders, type Server } from "node:http";
import { buffer, text } from "node:stream/consumers";

/** One line of a request's head; names keep their letter case, and may repeat. */
export type HeaderLine = readonly [name: string, value: string];

export interface RawRequest {
  readonly method?: string;
  readonly headers: readonly HeaderLine[];
  /** Sent as JSON, with its length unless the headers say that it is chunked. */
  readonly body?: unknown;
}

interface RawAnswer {
  readonly status: number;
  readonly type: string;
  readonly headers: IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
}

/** Sends one request exactly as it is written here: `fetch` would tidy its headers and its path. */
export async function sendRaw(
  url: string,
  path: string,
  { method = "POST", headers, body }: RawRequest,
): Promise<RawAnswer> {
  const { host, hostname, port } = new URL(url);
  const sent = body === undefined ? "" : JSON.stringify(body);
  const chunked = headers.some(([name]) => name === "Transfer-Encoding");
  const lines = [
    ["Host", host],
    ...(body === undefined ? [] : [["Content-Type", "application/json"]]),
    ...(chunked || method === "GET" ? [] : [["Content-Length", String(Buffer.byteLength(sent))]]),
    ...headers,
  ];
  const request = httpRequest({ hostname, port, path, method, headers: lines.flat(), agent: false });
  request.end(sent);
  return await new Promise((resolve, reject) => {
    request.on("error", reject);
    request.on("response", async (response) => {
      const answer = await text(response);
      let parsed: unknown;
      try {
        parsed = JSON.parse(answer);
      } catch {}
      resolve({
        status: response.statusCode ?? 0,
        type: response.headers["content-type"] ?? "",
        headers: response.headers,
        body: parsed,
      });
    });
  });
}

/** Passes everything on to `url`, and adds the head of each request to `seen`. */
export function lookAt(seen: HeaderLine[][], url: string): Server {
  return createServer(async (request, response) => {
    const { method, rawHeaders: headers } = request;
    seen.push(headers.flatMap((name, at) => (at % 2 === 0 ? [[name, headers[at + 1] ?? ""] as const] : [])));
    const body = await buffer(request);
    const onward = httpRequest(`${url}${request.url}`, { method, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    onward.end(body);
  });
}
