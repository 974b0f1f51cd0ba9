import { join } from "node:path";
import { buildApp } from "../tools/build.ts";
import { readDirectory } from "./entra/directory.ts";
import { consoleSettings } from "./stack/app-settings.ts";
import { type Stack, seededDirectoryFile, startStack } from "./stack.ts";
import { openAppOutput } from "./start/app-output.ts";
import { chooseLiveKit } from "./start/choose-livekit.ts";
import { instructions } from "./start/instructions.ts";
import { lockData } from "./start/lock-data.ts";
import { parseOptions, portOptions, type StartOptions, usage } from "./start/options.ts";
import { callerName, requestLine } from "./start/request-line.ts";
import { requireFreePorts } from "./start/require-free-ports.ts";
import { onStopSignal } from "./start/stop-signals.ts";

/** Short, so that a client is denied while the developer who revoked it watches. */
const CACHE_SECONDS = 5;
/** The shortest interval of the check of live sessions. */
const CHECK_SECONDS = 30;

const running = new AsyncDisposableStack();
let stopping = false;
const starting = start(readOptions());
onStopSignal(async () => {
  stopping = true;
  // If stopped during startup, it stops what it has started.
  await starting.catch(() => undefined);
  await running.disposeAsync();
});
starting.catch(async (error: unknown) => {
  if (stopping) return;
  console.error(`\n${error instanceof Error ? error.message : error}`);
  await running.disposeAsync();
  process.exit(1);
});

async function start({ ports, dataDirectory, corsOrigins, inspectPort }: StartOptions): Promise<void> {
  running.use(await lockData(dataDirectory));
  const names = ["gateway", "app", "entra", "tables"] as const;
  await requireFreePorts(
    [
      ...names.map((name) => ({ port: ports[name], name })),
      ...(inspectPort === undefined ? [] : [{ port: inspectPort, name: "debugger" as const }]),
    ],
    (taken) =>
      `Stop it, or choose other ports: npm start -- ${taken.map(({ name }) => `${portOptions[name]} N`).join(" ")}`,
  );
  await step("Build", buildApp);
  const webhookUrl = `http://127.0.0.1:${ports.gateway}/api/livekit/webhook`;
  const livekit = await chooseLiveKit(process.env, step, webhookUrl);
  if (livekit.server !== undefined) running.defer(livekit.server.close);
  const logFile = join(dataDirectory, "app.log");
  const output = openAppOutput(logFile);
  const exitAfter = (name: string, what: string) => {
    console.error(`\n${name} exited unexpectedly with ${what}.`);
    if (name === "The app") console.error(`Last output (full log: ${logFile}):\n${output.last() || "none"}`);
    void starting.finally(() => running.disposeAsync()).finally(() => process.exit(1));
  };
  void livekit.server?.exited?.then(
    ({ code, signal }) => running.disposed || exitAfter("livekit-server", `${signal ?? `code ${code}`}`),
  );
  const stack: Stack = await startStack({
    dataDirectory,
    ports,
    corsOrigins,
    settings: {
      ...livekit.settings,
      ...consoleSettings,
      GRAPH_CACHE_SECONDS: String(CACHE_SECONDS),
      LIVE_SESSION_CHECK_SECONDS: String(CHECK_SECONDS),
    },
    ...(inspectPort !== undefined && { inspectPort }),
    step,
    onAppLine: output.onLine,
    async onRequest(request) {
      const directory = await readDirectory(seededDirectoryFile).catch(() => undefined);
      console.log(requestLine(request, callerName(request.caller, directory?.applications ?? [])));
    },
    onDirectoryProblem: (message) => console.error(`The directory file can't be read: ${message}`),
    onExit: (name, { code, signal }) => exitAfter(name, `${signal ?? `code ${code}`}`),
  });
  running.defer(stack.close);
  const checking = setInterval(() => void checkLiveSessions(stack), CHECK_SECONDS * 1_000);
  running.defer(() => clearInterval(checking));
  if (!stopping)
    console.log(instructions({ ...stack, livekit, ports, cacheSeconds: CACHE_SECONDS, logFile }));
  output.show();
}

/** Shows a step while it runs, and its duration. */
async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  if (stopping) throw new Error("Stopped while starting.");
  process.stdout.write(`${name} … `);
  const started = performance.now();
  try {
    const result = await work();
    if (!stopping) console.log(`${Math.round(performance.now() - started)} ms`);
    return result;
  } catch (error) {
    if (!stopping) console.log("failed");
    throw error;
  }
}

/** Starts the check, because the local host runs no timer by itself. */
async function checkLiveSessions({ appUrl, masterKey }: Stack): Promise<void> {
  await fetch(`${appUrl}/admin/functions/checkLiveSessions`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-functions-key": masterKey },
    body: JSON.stringify({ input: "" }),
  }).catch(() => undefined);
}

function readOptions(): StartOptions {
  try {
    const parsed = parseOptions(process.argv.slice(2));
    if (parsed !== null) return parsed;
    console.log(usage);
    process.exit(0);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    process.exit(2);
  }
}
