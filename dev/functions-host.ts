/**
 * A local Azure Functions host: `node dev/functions-host.ts --app DIR --port N`. Loads the same app that
 * Azure loads and behaves like the real host, so that running LKPS needs no installation.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { parseArgs } from "node:util";
import type { App } from "./functions-host/core-module.ts";
import { DID_NOT_START, type FunctionSummary, type HostReady } from "./functions-host/host-messages.ts";
import { createListener } from "./functions-host/listener.ts";
import { loadApp } from "./functions-host/load-app.ts";
import { log } from "./functions-host/log.ts";
import { type HttpRoute, httpRoutes, triggerOf } from "./functions-host/routes.ts";
import { MAX_HEADER_BYTES } from "./kestrel-limits.ts";

const { values } = parseArgs({
  options: { app: { type: "string" }, port: { type: "string", default: "7071" } },
});
// Removed from the environment before the app runs: the real host hides its keys from the app, too.
const keys = {
  functionKey: takeVariable("LKPS_HOST_FUNCTION_KEY"),
  masterKey: takeVariable("LKPS_HOST_MASTER_KEY"),
};

// Like the real worker. An unhandled rejection arrives here too, unless the app handles it, and ends the
// process with every request in flight.
process.on("uncaughtException", (error) => die("uncaught exception", error));

// Longer than clients keep idle connections, so that the server is never the first to close one.
const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: 75_000 });
server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
  if (!socket.writable) return;
  const status = { HPE_HEADER_OVERFLOW: "431 ", HPE_INVALID_METHOD: "404 " }[error.code ?? ""] ?? "400 ";
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
});
server.on("error", (error) => {
  log("error", "system", error.message);
  process.exit(1);
});
await new Promise<void>((resolve) => server.listen(Number(values.port), "127.0.0.1", resolve));
const { port } = server.address() as AddressInfo;
// The platform sets this to the app's host name. Tests may override it.
process.env["WEBSITE_HOSTNAME"] ??= `127.0.0.1:${port}`;

const { app, routePrefix } = await loadApp(values.app ?? ".").catch((error: unknown) => {
  // Only the message: Node would print the source line, and the bundle is one line.
  log("error", "system", `${DID_NOT_START}${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
const routes = httpRoutes(app, routePrefix);
const listener = createListener(app, routes, keys);
server.on("request", (request, response) => void listener(request, response));
process.send?.({ type: "ready", port, functions: summarise(app, routes) } satisfies HostReady);
process.once("message", () => {
  // Finishes requests in flight; the parent, or exit-with-parent, limits the time.
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});

function summarise({ functions }: App, http: readonly HttpRoute[]): FunctionSummary[] {
  return [...functions.values()].map((registered) => {
    const found = http.find((route) => route.function === registered);
    return {
      name: registered.metadata.name,
      trigger: triggerOf(registered)[1].type ?? "",
      route: found?.route ?? null,
      methods: found?.methods ?? [],
      authLevel: found?.authLevel ?? null,
    };
  });
}

function takeVariable(name: string): string | undefined {
  const value = process.env[name];
  delete process.env[name];
  return value;
}

function die(what: string, reason: unknown): never {
  log("critical", "system", `${what}: ${reason instanceof Error ? reason.stack : String(reason)}`);
  process.exit(1);
}
