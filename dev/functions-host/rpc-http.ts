import type { IncomingMessage } from "node:http";
import { buffer } from "node:stream/consumers";
import { bytesOf } from "../kestrel-limits.ts";
import type { RpcHttp } from "./core-types.ts";

/** Converts a request to the form in which the host passes it to the worker. */
export async function toRpcHttp(request: IncomingMessage, params: Record<string, string>): Promise<RpcHttp> {
  const { path, query } = splitTarget(request.url ?? "/");
  // The real host reads by Content-Length only, and so drops a chunked body.
  const bytes = request.headers["content-length"] === undefined ? Buffer.alloc(0) : await buffer(request);
  return {
    method: request.method ?? "",
    // The real host also uses the caller's Host header here.
    url: `http://${request.headers.host}${path}${query}`,
    nullableHeaders: joinValues(
      pairs(request.rawHeaders).map(([name, value]) => [name.toLowerCase(), bytesOf(value).toString()]),
    ),
    nullableQuery: joinValues([...new URLSearchParams(query)]),
    nullableParams: nullable(Object.entries(params)),
    ...(bytes.length > 0 && { body: { bytes } }),
  };
}

/** Splits a request target into path and query. Resolves dot segments like Kestrel, before routing. */
export function splitTarget(target: string): { path: string; query: string } {
  const mark = target.indexOf("?");
  const path = mark < 0 ? target : target.slice(0, mark);
  return {
    // In a URL, a backslash is a slash and "#" ends the path; in HTTP, both are ordinary characters.
    path: new URL(`http://host${path.replaceAll("\\", "%5C").replaceAll("#", "%23")}`).pathname,
    query: mark < 0 ? "" : target.slice(mark),
  };
}

/** Joins the values of repeated names with commas. Drops empty values among several, like StringValues. */
function joinValues(entries: readonly (readonly [string, string])[]): Record<string, { value: string }> {
  const joined = new Map<string, { name: string; values: string[] }>();
  for (const [name, value] of entries) {
    const entry = joined.get(name.toLowerCase()) ?? { name, values: [] };
    joined.set(name.toLowerCase(), entry);
    if (value !== "") entry.values.push(value);
  }
  return nullable([...joined.values()].map(({ name, values }) => [name, values.join(",")]));
}

/** Without a prototype: a header can be named `__proto__`. */
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
