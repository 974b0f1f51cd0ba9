import { randomBytes, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createRequire, Module } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

// The interface between the worker and `@azure/functions`, as far as this host needs it. Source: types-core/index.d.ts and
// InvocationHandler.ts of azure-functions-nodejs-worker, which is not on npm.

/** The prefix of the host's message if the app fails to load. */
export const DID_NOT_START = "The app did not start: ";

type Callback = (...args: unknown[]) => unknown;
type Log = (level: string, category: string, message: string) => void;

/** A function's trigger. */
export interface Trigger {
  type?: string;
  route?: string;
  methods?: string[];
  authLevel?: string;
}

export interface RegisteredFunction {
  metadata: { name: string; bindings: Record<string, Trigger> };
  callback: Callback;
}

/** An HTTP request with the capability UseNullableValueDictionaryForHttp. */
export interface RpcHttp {
  method: string;
  url: string;
  nullableHeaders: Record<string, { value: string }>;
  nullableQuery: Record<string, { value: string }>;
  nullableParams: Record<string, { value: string }>;
  body?: { bytes: Buffer };
}

interface RpcHttpResponse {
  statusCode?: string;
  headers?: Record<string, string>;
  body?: { string?: string; bytes?: Uint8Array } | null;
}

type Input = { http: RpcHttp } | { json: string };
type Output = { http?: RpcHttpResponse };

interface ProgrammingModel {
  getInvocationModel(context: object): Promise<{
    getArguments(): Promise<{ context: unknown; inputs: unknown[] }>;
    invokeFunction(context: unknown, inputs: unknown[], callback: Callback): Promise<unknown>;
    getResponse(context: unknown, result: unknown): Promise<{ returnValue?: Output | null }>;
  }>;
  getCapabilities?(capabilities: Record<string, string>): Promise<unknown>;
}

/** A loaded app: what it registered through `@azure/functions`, and its route prefix. */
export interface App {
  functions: Map<string, RegisteredFunction>;
  programmingModel?: ProgrammingModel;
  routePrefix: string;
}

/**
 * Writes the app's lines unchanged, so that JSON stays JSON. Writes the host's own lines only from warning
 * up.
 */
export const log: Log = (level, category, message) => {
  if (category === "user") process.stdout.write(`${message}\n`);
  else if (["warning", "error", "critical"].includes(level)) process.stderr.write(`[host] ${message}\n`);
};

/**
 * Loads a Functions app from its folder like the worker, by the `main` of its package.
 *
 * @throws if the entry file throws or registers no function (which the real host ignores)
 */
export async function loadApp(directory: string): Promise<App> {
  const folder = resolve(directory);
  const readJson = async (name: string) => JSON.parse(await readFile(join(folder, name), "utf8"));
  const [manifest, host] = [await readJson("package.json"), await readJson("host.json")];
  const app: App = { functions: new Map(), routePrefix: host.extensions?.http?.routePrefix ?? "api" };
  const lock = provideCoreModule(app);
  const entry = join(folder, manifest.main);
  if (entry.endsWith(".mjs") || (manifest.type === "module" && !entry.endsWith(".cjs"))) {
    await import(pathToFileURL(entry).href);
  } else {
    createRequire(entry)(entry);
  }
  lock();
  if (app.functions.size === 0 || app.programmingModel === undefined) {
    throw new Error(`${entry} did not register any functions.`);
  }
  await app.programmingModel.getCapabilities?.({
    RawHttpBodyBytes: "true",
    RpcHttpTriggerMetadataRemoved: "true",
    RpcHttpBodyOnly: "true",
    IgnoreEmptyValuedRpcHttpHeaders: "true",
    UseNullableValueDictionaryForHttp: "true",
    WorkerStatus: "true",
    TypedDataCollection: "true",
    HandlesWorkerTerminateMessage: "true",
  });
  return app;
}

/**
 * Provides `@azure/functions-core` the way the real worker does, by replacing `Module.prototype.require`. Has no hooks,
 * because LKPS uses none.
 *
 * @returns ends startup: the real worker rejects later registrations
 */
function provideCoreModule(app: App): () => void {
  let isLocked = false;
  const core = {
    version: "3.0.0",
    hostVersion: "4.0.0",
    log,
    setProgrammingModel(model: ProgrammingModel): void {
      app.programmingModel = model;
    },
    registerFunction(metadata: RegisteredFunction["metadata"], callback: Callback): void {
      if (isLocked) throw new Error("A function can only be registered during app startup.");
      const { name } = metadata;
      if (app.functions.has(name)) throw new Error(`A function named "${name}" has already been registered.`);
      app.functions.set(name, { metadata, callback });
    },
  };
  const original = Module.prototype.require;
  Module.prototype.require = function require(id: string): unknown {
    return id === "@azure/functions-core" ? core : original.call(this, id);
  };
  return () => {
    isLocked = true;
  };
}

/** A function's trigger: the binding whose type ends in "trigger". */
export function triggerOf({ metadata }: RegisteredFunction): [name: string, trigger: Trigger] {
  const trigger = Object.entries(metadata.bindings).find(([, { type }]) => /trigger$/i.test(type ?? ""));
  if (trigger === undefined) throw new Error(`The function ${metadata.name} has no trigger.`);
  return trigger;
}

/**
 * Runs one invocation in the real worker's order: arguments, handler, response.
 *
 * @returns the function's return value; undefined if there is none
 * @throws whatever the handler throws
 */
export async function invoke(
  app: App,
  invoked: RegisteredFunction,
  data: Input,
): Promise<Output | undefined> {
  if (app.programmingModel === undefined) throw new Error("The app did not set a programming model.");
  const { metadata, callback } = invoked;
  const invocationId = randomUUID();
  const traceParent = `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-00`;
  const model = await app.programmingModel.getInvocationModel({
    invocationId,
    metadata,
    log,
    request: {
      invocationId,
      functionId: metadata.name,
      inputData: [{ name: triggerOf(invoked)[0], data }],
      triggerMetadata: {},
      traceContext: { traceParent, traceState: "", attributes: {} },
    },
  });
  const { context, inputs } = await model.getArguments();
  const result = await model.invokeFunction(context, inputs, callback);
  return (await model.getResponse(context, result)).returnValue ?? undefined;
}
