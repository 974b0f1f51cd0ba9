/**
 * A local Azure Functions host: `node dev/functions-host.ts --app DIR --port N`. Loads the same app that
 * Azure loads and behaves like the real host, so that running LKPS needs no installation.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { parseArgs } from "node:util";
import { type App, DID_NOT_START, loadApp, log, triggerOf } from "./functions-host/app.ts";
import { createListener, type HttpRoute, httpRoutes } from "./functions-host/http.ts";

/** A registered function. `route` and `authLevel` are null unless it has an HTTP trigger. */
export interface FunctionSummary {
  name: string;
  trigger: string;
  route: string | null;
  methods: string[];
  authLevel: string | null;
}

/** Sent to the parent process when the host accepts requests. */
export interface HostReady {
  type: "ready";
  port: number;
  functions: FunctionSummary[];
}

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
const server = createServer({ maxHeaderSize: 32 * 1024, keepAliveTimeout: 75_000 });
server.on("error", (error) => {
  log("error", "system", error.message);
  process.exit(1);
});
const wanted = Number(values.port);
const listening = () => new Promise<void>((resolve) => server.listen(wanted, "127.0.0.1", resolve));
// The app needs to know its port. Nobody else knows a free one before this process says that it is ready.
if (wanted === 0) await listening();
const port = (server.address() as AddressInfo | null)?.port ?? wanted;
// The platform sets this to the app's host name. Tests may override it.
process.env["WEBSITE_HOSTNAME"] ??= `127.0.0.1:${port}`;

const app = await loadApp(values.app ?? ".").catch((error: unknown) => {
  // Only the message: Node would print the source line, and the bundle is one line.
  log("error", "system", `${DID_NOT_START}${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
const routes = httpRoutes(app);
const listener = createListener(app, routes, keys);
server.on("request", (request, response) => void listener(request, response));
if (wanted !== 0) await listening();
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
