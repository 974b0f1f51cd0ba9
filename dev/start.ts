import { join } from "node:path";
import { buildApp } from "../tools/build.ts";
import { type Stack, startStack } from "./stack.ts";
import { openAppOutput } from "./start/app-output.ts";
import { instructions } from "./start/instructions.ts";
import { parseOptions, portOptions, type StartOptions, usage } from "./start/options.ts";
import { requestLine } from "./start/request-line.ts";
import { requireFreePorts } from "./start/require-free-ports.ts";
import { step } from "./start/step.ts";
import { onStopSignal } from "./start/stop-signals.ts";

let stopping = false;
const starting = start(readOptions());
onStopSignal(async () => {
  stopping = true;
  // If stopped during startup, it stops what it has started.
  const stack = await starting.catch(() => undefined);
  await stack?.close();
});
starting.catch((error: unknown) => {
  if (stopping) return;
  console.error(`\n${error instanceof Error ? error.message : error}`);
  process.exit(1);
});

async function start({ ports, dataDirectory, corsOrigins }: StartOptions): Promise<Stack> {
  await requireFreePorts(
    (["gateway", "app", "entra", "tables"] as const).map((name) => ({
      port: ports[name],
      name,
      advice: `Stop that process, or give another port: npm start -- ${portOptions[name]} N`,
    })),
  );
  await stepUnlessStopping("Build", buildApp);
  const logFile = join(dataDirectory, "app.log");
  const output = openAppOutput(logFile);
  const stack = await startStack({
    dataDirectory,
    ports,
    corsOrigins,
    step: stepUnlessStopping,
    onAppLine: output.onLine,
    onRequest: (request) => console.log(requestLine(request)),
    onDirectoryProblem: (message) => console.error(`The directory file can't be read: ${message}`),
    onExit(name, { code, signal }) {
      console.error(`\n${name} exited unexpectedly with ${signal ?? `code ${code}`}.`);
      if (name === "The app")
        console.error(`Last output (full log: ${logFile}):\n${output.last() || "none"}`);
      void starting.then((running) => running.close()).finally(() => process.exit(1));
    },
  });
  if (!stopping) console.log(instructions(stack, logFile));
  output.show();
  return stack;
}

async function stepUnlessStopping<T>(name: string, work: () => Promise<T>): Promise<T> {
  if (stopping) throw new Error("Stopped while starting.");
  return await step(name, work);
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
