/**
 * A local Azure Functions host: `node dev/functions-host.ts --app DIR --port N`. It loads the very app that Azure
 * would load and answers with the real host's habits, so that nothing has to be installed to run LKPS.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { parseArgs } from "node:util";
import { type App, runHooks } from "./functions-host/core-module.ts";
import { DID_NOT_START, type FunctionSummary, type HostReady } from "./functions-host/host-messages.ts";
import { createListener } from "./functions-host/listener.ts";
import { loadApp } from "./functions-host/load-app.ts";
import { log } from "./functions-host/log.ts";
import { type HttpRoute, httpRoutes, triggerOf } from "./functions-host/routes.ts";
import { MAX_HEADER_BYTES } from "./refuse-request.ts";

const { values } = parseArgs({
  options: { app: { type: "string" }, port: { type: "string", default: "7071" } },
});
// Out of the environment before the app runs: the real host does not show its keys to the app either.
const keys = {
  functionKey: takeVariable("LKPS_HOST_FUNCTION_KEY"),
  masterKey: takeVariable("LKPS_HOST_MASTER_KEY"),
};

// As the real worker does. A floating rejection comes here too, unless the app listens for those itself, and ends the
// process and every request under way.
process.on("uncaughtException", (error) => die("uncaught exception", error));

// Longer than any client keeps an idle connection: the side that closes first must not be this one.
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
// By this the platform tells an app its own address; tests may give another, or none.
process.env["WEBSITE_HOSTNAME"] ??= `127.0.0.1:${port}`;

const { app, routePrefix } = await loadApp(values.app ?? ".").catch((error: unknown) => {
  // The message only: Node would print the line that threw, and a bundle is one line.
  log("error", "system", `${DID_NOT_START}${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
const routes = httpRoutes(app, routePrefix);
const listener = createListener(app, routes, keys);
server.on("request", (request, response) => void listener(request, response));
process.send?.({ type: "ready", port, functions: summarise(app, routes) } satisfies HostReady);
process.once("message", () => {
  // Requests under way are answered; the parent, or exit-with-parent, sees to it that this ends.
  server.close(
    () => void runHooks(app, "appTerminate", { hookData: {}, appHookData: app.hookData }).finally(exit),
  );
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

function exit(): void {
  process.exit(0);
}
