import { app } from "@azure/functions";
import { createAdapters } from "./adapters.ts";
import { createApp } from "./app.ts";
import { readConfig } from "./config.ts";
import { failureLine } from "./http/problem.ts";

// A library that throws may be more than ten frames, the default, away from the line of LKPS that called it.
Error.stackTraceLimit = 30;
try {
  const config = readConfig(process.env);
  const adapters = createAdapters(config);
  const { endpoints, timers } = createApp(adapters, config);
  // An unhandled rejection would kill the worker and all requests in flight.
  process.on("unhandledRejection", (reason) =>
    console.error(failureLine(null, "internal_error", reason, adapters.locateError)),
  );
  for (const { name, ...endpoint } of endpoints)
    app.http(name, { ...endpoint, methods: [...endpoint.methods] });
  for (const { name, ...timer } of timers) app.timer(name, timer);
  // After the host knows that the app is loaded, and before the request arrives that started this instance.
  setImmediate(() => void adapters.prefetch().catch(() => {}));
} catch (error) {
  // The worker logs the stack, and a frame of a minified bundle is one huge line. Log only the message.
  const message = error instanceof Error ? error.message : String(error);
  console.error(message);
  throw Object.assign(new Error(message), { stack: message });
}
