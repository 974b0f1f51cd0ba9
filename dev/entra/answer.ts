import type { IncomingMessage, ServerResponse } from "node:http";

/** A response of the stand-in; always JSON. */
export interface Answer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

/** Sends a response. */
export function send(response: ServerResponse, { status, body, headers }: Answer): void {
  const json = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-store",
    "content-length": json.length,
    ...headers,
  });
  response.end(json);
}

/** Reads the whole body as text. */
export async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
