import type { IncomingMessage, ServerResponse } from "node:http";
import { kestrelRejection } from "../kestrel-limits.ts";
import type { App } from "./core-module.ts";
import type { RpcHttpResponse, RpcTypedData } from "./core-types.ts";
import { type HostKeys, isAllowed } from "./host-keys.ts";
import { invoke } from "./invoke.ts";
import { log } from "./log.ts";
import { findRoute, type HttpRoute, triggerOf } from "./routes.ts";
import { splitTarget, toRpcHttp } from "./rpc-http.ts";

interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: Uint8Array;
}

// Kestrel writes only printable ASCII and tabs, and the real host checks only after the handler ran.
const UNWRITABLE = /[^\t\x20-\x7e]/;

/**
 * Creates the request listener. The host's own errors have no body; everything else comes from the function.
 */
export function createListener(app: App, routes: readonly HttpRoute[], keys: HostKeys) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { status, headers = {}, body = new Uint8Array() } = await answer(app, routes, keys, request);
    const hasBody = status !== 204 && status !== 304;
    try {
      response.writeHead(status, { ...headers, ...(hasBody && { "content-length": body.byteLength }) });
      response.end(hasBody ? body : undefined);
    } catch (error) {
      log("error", "system", `The response can't be written: ${error}`);
      response.destroy();
    }
  };
}

async function answer(
  app: App,
  routes: readonly HttpRoute[],
  keys: HostKeys,
  request: IncomingMessage,
): Promise<Answer> {
  const refused = kestrelRejection(request);
  if (refused !== null) return { status: refused, headers: { connection: "close" } };
  const { path } = splitTarget(request.url ?? "/");
  const found = findRoute(routes, request.method ?? "", path);
  if (found === null) {
    const admin = request.method === "POST" ? /^\/admin\/functions\/([^/]+)\/?$/i.exec(path)?.[1] : undefined;
    if (admin === undefined) return { status: 404 };
    return { status: isAllowed(request, "admin", keys) ? runByHand(app, admin) : 401 };
  }
  const { route, params } = found;
  if (!isAllowed(request, route.authLevel, keys)) return { status: 401 };
  try {
    const http = await toRpcHttp(request, params);
    return toAnswer(await invoke(app, route.function, { name: route.bindingName, data: { http } }));
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
  const [bindingName] = triggerOf(found);
  invoke(app, found, { name: bindingName, data: { json: JSON.stringify(timer) } }).catch((error: unknown) =>
    logFailure(name, error),
  );
  return 202;
}

function toAnswer(value: RpcTypedData | undefined): Answer {
  if (value === undefined) return { status: 204 };
  const { statusCode, headers, body } = (value.http ?? {}) as RpcHttpResponse;
  const unwritable = Object.entries(headers ?? {}).find(([, text]) => UNWRITABLE.test(text));
  if (unwritable !== undefined) throw new Error(`The response header ${unwritable[0]} can't be written.`);
  return {
    status: Number(statusCode ?? 200),
    headers: headers ?? {},
    body: Buffer.from(body?.bytes ?? body?.string ?? ""),
  };
}

function logFailure(name: string, error: unknown): void {
  log(
    "error",
    "system",
    `Executed '${name}' (Failed): ${error instanceof Error ? error.stack : String(error)}`,
  );
}
