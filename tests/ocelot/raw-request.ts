import { createServer, request as httpRequest, type IncomingHttpHeaders, type Server } from "node:http";
import { connect } from "node:net";
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

/** Sends one request unchanged: `fetch` would normalize its headers and its path. */
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

/** Sends these bytes on a new connection, and reads the answer until it is closed. */
export async function sendBytes(url: string, bytes: string): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(bytes, "latin1");
  const answer = await text(socket);
  const [head = "", body = ""] = answer.split(/\r\n\r\n/, 2);
  const [first = "", ...lines] = head.split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => [line.split(":", 1)[0]?.toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
  );
  const json = /\{.*\}/s.exec(body)?.[0];
  return {
    status: Number(first.split(" ")[1]),
    type: headers["content-type"] ?? "",
    headers,
    body: json === undefined ? undefined : JSON.parse(json),
  };
}

/** Passes everything on to `url`, and adds the head of each request to `seen`, its first line as in HTTP/2. */
export function lookAt(seen: HeaderLine[][], url: string): Server {
  return createServer(async (request, response) => {
    const { method, rawHeaders: headers } = request;
    seen.push([
      [":method", method ?? ""],
      [":path", request.url ?? ""],
      ...headers.flatMap((name, at) => (at % 2 === 0 ? [[name, headers[at + 1] ?? ""] as const] : [])),
    ]);
    const body = await buffer(request);
    const onward = httpRequest(`${url}${request.url}`, { method, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    onward.end(body);
  });
}
