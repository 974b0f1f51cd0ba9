import { Module } from "node:module";
import type {
  FunctionCallback,
  FunctionMetadata,
  HookCallback,
  ProgrammingModel,
  RegisteredFunction,
} from "./core-types.ts";
import { log } from "./log.ts";

/** What an app registered through `@azure/functions`. */
export interface App {
  functions: Map<string, RegisteredFunction>;
  hooks: Map<string, HookCallback[]>;
  hookData: Record<string, unknown>;
  programmingModel: ProgrammingModel | undefined;
  /** True after startup: the real worker rejects later registrations. */
  locked: boolean;
}

/**
 * Provides `@azure/functions-core` the way the real worker does, by replacing `Module.prototype.require`.
 * Source: setupCoreModule.ts and registerFunction.ts of azure-functions-nodejs-worker.
 */
export function provideCoreModule(): App {
  const app: App = {
    functions: new Map(),
    hooks: new Map(),
    hookData: {},
    programmingModel: undefined,
    locked: false,
  };
  const core = {
    version: "3.0.0",
    hostVersion: "4.0.0",
    log,
    setProgrammingModel(model: ProgrammingModel): void {
      app.programmingModel = model;
    },
    getProgrammingModel: () => app.programmingModel,
    registerFunction: (metadata: FunctionMetadata, callback: FunctionCallback) =>
      register(app, metadata, callback),
    registerHook(name: string, callback: HookCallback): Disposable {
      const callbacks = app.hooks.get(name) ?? [];
      app.hooks.set(name, callbacks);
      callbacks.push(callback);
      return new Disposable(() => callbacks.splice(callbacks.indexOf(callback), 1));
    },
    Disposable,
  };
  const original = Module.prototype.require;
  Module.prototype.require = function require(id: string): unknown {
    return id === "@azure/functions-core" ? core : original.call(this, id);
  };
  return app;
}

/** Runs a hook's callbacks in registration order. */
export async function runHooks(app: App, name: string, context: Record<string, unknown>): Promise<void> {
  for (const callback of app.hooks.get(name) ?? []) await callback(context);
}

function register(app: App, metadata: FunctionMetadata, callback: FunctionCallback): Disposable {
  if (app.locked) throw new Error("A function can only be registered during app startup.");
  const id = metadata.functionId ?? metadata.name;
  if (app.functions.has(id)) throw new Error(`A function with id "${id}" has already been registered.`);
  app.functions.set(id, { metadata, callback });
  return new Disposable(() => app.functions.delete(id));
}

class Disposable {
  readonly #onDispose: () => unknown;
  constructor(onDispose: () => unknown) {
    this.#onDispose = onDispose;
  }
  dispose(): void {
    this.#onDispose();
  }
}
