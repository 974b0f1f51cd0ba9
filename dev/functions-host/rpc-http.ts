import type { IncomingMessage } from "node:http";
import type { RpcHttp } from "./core-types.ts";

/** A request as the host hands it to the worker. */
export async function toRpcHttp(request: IncomingMessage, params: Record<string, string>): Promise<RpcHttp> {
  const { path, query } = splitTarget(request.url ?? "/");
  // A chunked body is lost on the way to the worker, on the real host as well: it reads by Content-Length only.
  const bytes = request.headers["content-length"] === undefined ? Buffer.alloc(0) : await readBody(request);
  return {
    method: request.method ?? "",
    // The Host header is reflected here: the caller's word, not the host's.
    url: `http://${request.headers.host}${path}${query}`,
    nullableHeaders: joinValues(
      pairs(request.rawHeaders).map(([name, value]) => [name.toLowerCase(), value]),
    ),
    nullableQuery: joinValues([...new URLSearchParams(query)]),
    nullableParams: nullable(Object.entries(params)),
    ...(bytes.length > 0 && { body: { bytes } }),
  };
}

/** Path and query of a request, dot segments resolved as Kestrel does before any routing. */
export function splitTarget(target: string): { path: string; query: string } {
  const mark = target.indexOf("?");
  const path = mark < 0 ? target : target.slice(0, mark);
  return {
    // For a URL a backslash is a slash and "#" an end; for HTTP both are ordinary characters.
    path: new URL(`http://host${path.replaceAll("\\", "%5C").replaceAll("#", "%23")}`).pathname,
    query: mark < 0 ? "" : target.slice(mark),
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Repeated names become one, joined by commas; an empty value among several is dropped, as StringValues does. */
function joinValues(entries: readonly (readonly [string, string])[]): Record<string, { value: string }> {
  const joined = new Map<string, { name: string; values: string[] }>();
  for (const [name, value] of entries) {
    const entry = joined.get(name.toLowerCase()) ?? { name, values: [] };
    joined.set(name.toLowerCase(), entry);
    if (value !== "") entry.values.push(value);
  }
  return nullable([...joined.values()].map(({ name, values }) => [name, values.join(",")]));
}

/** No prototype: a header may be called `__proto__`. */
function nullable(entries: readonly (readonly [string, string])[]): Record<string, { value: string }> {
  const result = Object.create(null) as Record<string, { value: string }>;
  for (const [name, value] of entries) result[name] = { value };
  return result;
}

function pairs(raw: readonly string[]): [string, string][] {
  return raw.flatMap((name, index) =>
    index % 2 === 0 ? [[name, raw[index + 1] ?? ""] as [string, string]] : [],
  );
}
