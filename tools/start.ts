import { join } from "node:path";
import { buildApp } from "./build.ts";
import { type Stack, startStack } from "./stack.ts";
import { openAppOutput } from "./start/app-output.ts";
import { instructions } from "./start/instructions.ts";
import { parseOptions, portOptions, type StartOptions, usage } from "./start/options.ts";
import { requestLine } from "./start/request-line.ts";
import { requireFreePorts } from "./start/require-free-ports.ts";
import { step } from "./start/step.ts";
import { onStopSignal } from "./start/stop-signals.ts";

const options = readOptions();
let stack: Stack | undefined;
// Before the stack is ready its parts end with this process.
onStopSignal(async () => stack?.close());
try {
  stack = await start(options);
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : error}`);
  process.exit(1);
}

async function start({ ports, dataDirectory }: StartOptions): Promise<Stack> {
  await requireFreePorts(
    (["gateway", "app", "entra", "tables"] as const).map((name) => ({
      port: ports[name],
      name,
      advice: `Stop that process, or give another port: npm start -- ${portOptions[name]} N`,
    })),
  );
  await step("Build", buildApp);
  const logFile = join(dataDirectory, "app.log");
  const output = openAppOutput(logFile);
  const running = await startStack({
    dataDirectory,
    ports,
    step,
    onAppLine: output.onLine,
    onRequest: (request) => console.log(requestLine(request)),
    onDirectoryProblem: (message) => console.error(`The directory cannot be read: ${message}`),
    onExit(name, { code, signal }) {
      console.error(`\n${name} ended by itself, with ${signal ?? `code ${code}`}.`);
      if (name === "The app")
        console.error(`The last it said (all of it is in ${logFile}):\n${output.last()}`);
      void stack?.close().finally(() => process.exit(1));
    },
  });
  console.log(instructions(running, logFile));
  output.show();
  return running;
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
