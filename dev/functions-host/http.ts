import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { type App, invoke, log, type RegisteredFunction, type RpcHttp, triggerOf } from "./app.ts";

/** The host's keys. If a key is undefined, no request can use it. */
export interface HostKeys {
  functionKey: string | undefined;
  masterKey: string | undefined;
}

/** An HTTP function and its route. */
export interface HttpRoute {
  function: RegisteredFunction;
  /** With the prefix of host.json, without leading or trailing slashes. */
  route: string;
  methods: string[];
  authLevel: string;
}

interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: Uint8Array;
}

// Kestrel writes only printable ASCII and tabs, and the real host checks only after the handler ran.
const UNWRITABLE = /[^\t\x20-\x7e]/;

/** The app's HTTP functions. Route templates support literal segments and `{parameter}`. */
export function httpRoutes({ functions, routePrefix }: App): HttpRoute[] {
  return [...functions.values()].flatMap((registered) => {
    const [, { type, route, methods, authLevel }] = triggerOf(registered);
    if (type?.toLowerCase() !== "httptrigger") return [];
    return {
      function: registered,
      route: [routePrefix, route ?? registered.metadata.name].join("/").replace(/^\/+|\/+$/g, ""),
      methods: (methods ?? []).map((method) => method.toUpperCase()),
      authLevel: (authLevel ?? "function").toLowerCase(),
    };
  });
}

/**
 * Creates the request listener. The host's own errors have no body; everything else comes from the function.
 */
export function createListener(app: App, routes: readonly HttpRoute[], keys: HostKeys) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { status, headers = {}, body = new Uint8Array() } = await answer(app, routes, keys, request);
    const hasBody = status !== 204 && status !== 304;
    response.writeHead(status, { ...headers, ...(hasBody && { "content-length": body.byteLength }) });
    response.end(hasBody ? body : undefined);
  };
}

async function answer(
  app: App,
  routes: readonly HttpRoute[],
  keys: HostKeys,
  request: IncomingMessage,
): Promise<Answer> {
  const { method = "", url: target = "" } = request;
  const [path, query] = splitTarget(target);
  if (!target.startsWith("/")) return { status: 400 };
  const found = findRoute(routes, method, path);
  if (found === undefined) {
    const admin = method === "POST" ? /^\/admin\/functions\/([^/]+)\/?$/i.exec(path)?.[1] : undefined;
    if (admin === undefined) return { status: 404 };
    return { status: isAllowed(request, query, "admin", keys) ? runByHand(app, admin) : 401 };
  }
  const { route, params } = found;
  if (!isAllowed(request, query, route.authLevel, keys)) return { status: 401 };
  try {
    const returned = await invoke(app, route.function, {
      http: await toRpcHttp(request, path, query, params),
    });
    if (returned === undefined) return { status: 204 };
    const { statusCode = 200, headers = {}, body } = returned.http ?? {};
    const unwritable = Object.entries(headers).find(([, text]) => UNWRITABLE.test(text));
    if (unwritable !== undefined) throw new Error(`The response header ${unwritable[0]} can't be written.`);
    return { status: Number(statusCode), headers, body: Buffer.from(body?.bytes ?? body?.string ?? "") };
  } catch (error) {
    // A caller that disconnects while it sends its body is not the app's failure.
    if (!request.destroyed || request.complete) logFailure(route.function.metadata.name, error);
    return { status: 500 };
  }
}

/** `POST /admin/functions/NAME` starts a timer trigger manually. The response does not wait for the run. */
function runByHand(app: App, name: string): number {
  const wanted = name.toLowerCase();
  const found = [...app.functions.values()].find(({ metadata }) => metadata.name.toLowerCase() === wanted);
  if (found === undefined) return 404;
  const timer = { Schedule: { AdjustForDST: true }, ScheduleStatus: null, IsPastDue: false };
  invoke(app, found, { json: JSON.stringify(timer) }).catch((error: unknown) => logFailure(name, error));
  return 202;
}

function logFailure(name: string, error: unknown): void {
  const what = error instanceof Error ? error.stack : String(error);
  log("error", "system", `Executed '${name}' (Failed): ${what}`);
}

/** Whether a request may call a function with this auth level. The master key allows all levels. */
function isAllowed({ headers }: IncomingMessage, query: string, authLevel: string, keys: HostKeys): boolean {
  if (authLevel === "anonymous") return true;
  // The header takes precedence over the query, even if it is wrong.
  const code = [...new URLSearchParams(query)].find(([name]) => name.toLowerCase() === "code")?.[1];
  const presented = headers["x-functions-key"] ?? code;
  const matches = (key: string | undefined) => {
    if (!presented || !key) return false;
    const hash = (text: string) => createHash("sha256").update(text).digest();
    return timingSafeEqual(hash(String(presented)), hash(key));
  };
  return matches(keys.masterKey) || (authLevel === "function" && matches(keys.functionKey));
}

/** Finds a request's route and parameters. Ignores a trailing slash and letter case. */
function findRoute(
  routes: readonly HttpRoute[],
  method: string,
  path: string,
): { route: HttpRoute; params: Record<string, string> } | undefined {
  const segments = path.replace(/^\//, "").replace(/\/$/, "").split("/").map(decodeSegment);
  for (const route of routes.filter(({ methods }) => methods.includes(method))) {
    const parts = route.route.split("/");
    const isParameter = (part: string) => part.startsWith("{");
    const fits = (part: string, at: number) =>
      isParameter(part) ? segments[at] !== "" : part.toLowerCase() === segments[at]?.toLowerCase();
    if (parts.length !== segments.length || !parts.every(fits)) continue;
    const params = parts.flatMap((part, at) =>
      isParameter(part) ? [[part.slice(1, -1), segments[at] ?? ""]] : [],
    );
    return { route, params: Object.fromEntries(params) };
  }
  return undefined;
}

function decodeSegment(segment: string): string {
  try {
    // Kestrel does not decode an encoded slash, so it never separates segments.
    return decodeURIComponent(segment.replaceAll(/%2f/gi, (slash) => `%25${slash.slice(1)}`));
  } catch {
    return segment;
  }
}

/** Converts a request to the form in which the host passes it to the worker. */
async function toRpcHttp(
  request: IncomingMessage,
  path: string,
  query: string,
  params: Record<string, string>,
): Promise<RpcHttp> {
  const { headers, rawHeaders, method = "" } = request;
  // The real host reads by Content-Length only, and so drops a chunked body.
  const bytes = headers["content-length"] === undefined ? Buffer.alloc(0) : await buffer(request);
  const lines = rawHeaders.flatMap((name, at): [string, string][] =>
    // Node reads the bytes of a header as Latin-1, and Kestrel as UTF-8.
    at % 2 === 0 ? [[name.toLowerCase(), Buffer.from(rawHeaders[at + 1] ?? "", "latin1").toString()]] : [],
  );
  return {
    method,
    // The real host also uses the caller's Host header here.
    url: `http://${headers.host}${path}${query}`,
    nullableHeaders: joinValues(lines),
    nullableQuery: joinValues([...new URLSearchParams(query)]),
    nullableParams: joinValues(Object.entries(params)),
    ...(bytes.length > 0 && { body: { bytes } }),
  };
}

/** Splits a request target into path and query. Resolves dot segments like Kestrel, before routing. */
function splitTarget(target: string): [path: string, query: string] {
  const [, path = "", query = ""] = /^([^?]*)(.*)$/s.exec(target) ?? [];
  // In a URL, a backslash is a slash and "#" ends the path; in HTTP, both are ordinary characters.
  const url = new URL(`http://host${path.replaceAll("\\", "%5C").replaceAll("#", "%23")}`);
  return [url.pathname, query];
}

/** Joins the values of repeated names with commas. Drops empty values among several, like StringValues. */
function joinValues(entries: readonly (readonly [string, string])[]): Record<string, { value: string }> {
  const groups = Map.groupBy(entries, ([name]) => name.toLowerCase());
  return Object.fromEntries(
    [...groups.values()].map((same) => [
      same[0]?.[0] ?? "",
      { value: same.flatMap(([, value]) => (value === "" ? [] : [value])).join(",") },
    ]),
  );
}
