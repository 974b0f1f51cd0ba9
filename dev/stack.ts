import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { distDirectory, repositoryRoot } from "../tools/repository-paths.ts";
import { type Azurite, startAzurite } from "./azurite.ts";
import {
  type EntraStandIn,
  type EntraStandInOptions,
  startEntraStandIn,
} from "./entra/start-entra-stand-in.ts";
import type { FunctionSummary } from "./functions-host.ts";
import { type GatewayRequest, startGateway } from "./gateway.ts";
import { type AppProcess, startApp } from "./stack/app-process.ts";
import { appSettings } from "./stack/app-settings.ts";
import type { Exit } from "./stack/child-process.ts";

/** The sample directory, which developers edit. */
export const seededDirectoryFile = join(repositoryRoot, "dev", "entra", "directory.json");

export interface StackOptions {
  /** Holds Azurite's data and the tenant's signing key. */
  dataDirectory: string;
  /** Free ports by default. */
  ports?: { gateway?: number; app?: number; entra?: number; tables?: number };
  /** dist/ by default. */
  appDirectory?: string;
  directoryFile?: string;
  /** Overrides the stack's settings; undefined removes one. */
  settings?: Record<string, string | undefined>;
  /** Origins that the gateway allows by CORS. */
  corsOrigins?: readonly string[];
  /** The port of the app's debugger; none by default. */
  inspectPort?: number;
  onAppLine?: (line: string, stream: "stdout" | "stderr") => void;
  onRequest?: (request: GatewayRequest) => void;
  /** Called if the app or Azurite exits unexpectedly. */
  onExit?: (name: "The app" | "Azurite", exit: Exit) => void;
  onDirectoryProblem?: (message: string) => void;
  intercept?: EntraStandInOptions["intercept"];
  accessTokenSeconds?: number;
  /** Wraps each startup step, for example to show progress. */
  step?: <T>(name: string, work: () => Promise<T>) => Promise<T>;
}

export interface Stack {
  gatewayUrl: string;
  appUrl: string;
  functionKey: string;
  masterKey: string;
  functions: FunctionSummary[];
  entra: EntraStandIn;
  azurite: Azurite;
  appPid(): number;
  /** Kills the app, as in a crash. */
  killApp(): Promise<void>;
  /** Restarts the app on the same port, optionally with other settings. */
  restartApp(settings?: Record<string, string | undefined>): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts LKPS and its dependencies on 127.0.0.1: Azurite, the Entra stand-in, the app under the local
 * Functions host, and the gateway stand-in.
 *
 * @throws if a part does not start; the others are stopped first
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { ports = {}, step = (_name, work) => work(), dataDirectory } = options;
  await using started = new AsyncDisposableStack();
  const azurite = await step("Azurite (tables)", () =>
    startAzurite({ location: join(dataDirectory, "azurite"), port: ports.tables ?? 0 }),
  );
  const expectedExits = new WeakSet<object>();
  const watch = (name: "The app" | "Azurite", process: { exited: Promise<Exit> }) => {
    void process.exited.then((exit) => expectedExits.has(process) || options.onExit?.(name, exit));
  };
  watch("Azurite", azurite);
  started.defer(() => {
    expectedExits.add(azurite);
    return azurite.close();
  });
  const entra = await step("Entra stand-in", () =>
    startEntraStandIn({
      directoryFile: options.directoryFile ?? seededDirectoryFile,
      port: ports.entra ?? 0,
      keyFile: join(dataDirectory, "entra", "signing-key.json"),
      onProblem: options.onDirectoryProblem ?? console.error,
      intercept: options.intercept,
      accessTokenSeconds: options.accessTokenSeconds,
    }),
  );
  started.defer(() => entra.close());
  const [functionKey = "", masterKey = ""] = [1, 2].map(() => randomBytes(32).toString("base64url"));
  const settings = { ...appSettings(entra, azurite, ports.gateway), ...options.settings };
  const run = async (port: number, changes: StackOptions["settings"] = {}): Promise<AppProcess> => {
    const process = await startApp({
      directory: options.appDirectory ?? distDirectory,
      port,
      settings: { ...settings, ...changes },
      functionKey,
      masterKey,
      ...(options.inspectPort !== undefined && { inspectPort: options.inspectPort }),
      onLine: options.onAppLine ?? (() => {}),
    });
    watch("The app", process);
    return process;
  };
  let app = await step("LKPS under the local Functions host", () => run(ports.app ?? 0));
  const stopApp = () => {
    expectedExits.add(app);
    return app.stop();
  };
  started.defer(stopApp);
  const appUrl = `http://127.0.0.1:${app.port}`;
  const gateway = await step("Gateway stand-in", () =>
    startGateway({
      port: ports.gateway ?? 0,
      appUrl,
      publicBaseUrl: settings["PUBLIC_BASE_URL"],
      functionKey,
      entra,
      corsOrigins: options.corsOrigins,
      onRequest: options.onRequest,
    }),
  );
  started.defer(() => gateway.close());
  const running = started.move();
  return {
    gatewayUrl: gateway.url,
    appUrl,
    functionKey,
    masterKey,
    functions: app.functions,
    entra,
    azurite,
    appPid: () => app.pid,
    async killApp() {
      expectedExits.add(app);
      await app.kill("SIGKILL");
    },
    async restartApp(settings) {
      await stopApp();
      app = await run(app.port, settings);
    },
    close: () => running.disposeAsync(),
  };
}
