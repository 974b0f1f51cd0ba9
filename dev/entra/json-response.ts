import type { ServerResponse } from "node:http";

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
