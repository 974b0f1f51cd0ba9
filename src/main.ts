import { app } from "@azure/functions";
import { createApp } from "./app.ts";
import { readConfig } from "./config.ts";
import { failureLine } from "./http/failure-line.ts";

try {
  const { endpoints, timers, locateError, prefetch } = createApp(readConfig(process.env));
  // Left alone, a rejection that nobody awaits kills the worker and every request in flight with it.
  process.on("unhandledRejection", (reason) =>
    console.error(failureLine(null, "internal_error", reason, locateError)),
  );
  for (const { name, ...endpoint } of endpoints)
    app.http(name, { ...endpoint, methods: [...endpoint.methods] });
  for (const { name, ...timer } of timers) app.timer(name, timer);
  // After the host has heard that the app is loaded, and before the request comes for which it was.
  setImmediate(() => void prefetch().catch(() => {}));
} catch (error) {
  // The message is what an operator needs: the worker would log the stack, and a line of a bundle is all of it.
  const message = error instanceof Error ? error.message : String(error);
  console.error(message);
  throw Object.assign(new Error(message), { stack: message });
}
