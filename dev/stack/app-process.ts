import { join } from "node:path";
import { repositoryRoot } from "../../tools/repository-paths.ts";
import { DID_NOT_START } from "../functions-host/app.ts";
import type { FunctionSummary, HostReady } from "../functions-host.ts";
import { baseEnvironment } from "./base-environment.ts";
import { type Exit, startChild } from "./child-process.ts";

const HOST = join(repositoryRoot, "dev", "functions-host.ts");

export interface AppOptions {
  /** The app's folder, as deployed. */
  directory: string;
  port: number;
  settings: NodeJS.ProcessEnv;
  functionKey: string;
  masterKey: string;
  inspectPort?: number;
  onLine: (line: string, stream: "stdout" | "stderr") => void;
}

/** The app under the local Functions host, in its own process. */
export interface AppProcess {
  pid: number;
  port: number;
  functions: FunctionSummary[];
  exited: Promise<Exit>;
  stop(): Promise<void>;
  kill(signal: NodeJS.Signals): Promise<void>;
}

/**
 * Starts the app and waits until it accepts requests.
 *
 * @throws if it exits before that; the message is its last output
 */
export async function startApp(options: AppOptions): Promise<AppProcess> {
  const stderrLines: string[] = [];
  const child = startChild(HOST, {
    args: ["--app", options.directory, "--port", String(options.port)],
    env: {
      ...baseEnvironment(),
      ...options.settings,
      LKPS_HOST_FUNCTION_KEY: options.functionKey,
      LKPS_HOST_MASTER_KEY: options.masterKey,
    },
    cwd: options.directory,
    nodeFlags: [
      "--enable-source-maps",
      ...(options.inspectPort === undefined ? [] : [`--inspect=127.0.0.1:${options.inspectPort}`]),
    ],
    onLine(line, stream) {
      if (stream === "stderr") stderrLines.push(line);
      options.onLine(line, stream);
    },
  });
  const ready = (await child.firstMessage) as HostReady | null;
  if (ready === null) {
    const { code, signal } = await child.exited;
    // The host repeats messages that the app has already logged.
    const lines = new Set(stderrLines.map((line) => line.replace(`[host] ${DID_NOT_START}`, "")));
    throw new Error([`The app exited with ${signal ?? `code ${code}`} during startup.`, ...lines].join("\n"));
  }
  const { pid, exited, stop, kill } = child;
  return { pid, exited, stop, kill, port: ready.port, functions: ready.functions };
}
