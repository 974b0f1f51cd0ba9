import { Module } from "node:module";
import type {
  FunctionCallback,
  FunctionMetadata,
  ProgrammingModel,
  RegisteredFunction,
} from "./core-types.ts";
import { log } from "./log.ts";

/** What an app registered through `@azure/functions`. */
export interface App {
  functions: Map<string, RegisteredFunction>;
  programmingModel: ProgrammingModel | undefined;
  /** True after startup: the real worker rejects later registrations. */
  locked: boolean;
}

/**
 * Provides `@azure/functions-core` the way the real worker does, by replacing `Module.prototype.require`. Has no hooks,
 * because LKPS uses none.
 */
export function provideCoreModule(): App {
  const app: App = { functions: new Map(), programmingModel: undefined, locked: false };
  const core = {
    version: "3.0.0",
    hostVersion: "4.0.0",
    log,
    setProgrammingModel(model: ProgrammingModel): void {
      app.programmingModel = model;
    },
    registerFunction(metadata: FunctionMetadata, callback: FunctionCallback): void {
      if (app.locked) throw new Error("A function can only be registered during app startup.");
      const { name } = metadata;
      if (app.functions.has(name)) throw new Error(`A function named "${name}" has already been registered.`);
      app.functions.set(name, { metadata, callback });
    },
  };
  const original = Module.prototype.require;
  Module.prototype.require = function require(id: string): unknown {
    return id === "@azure/functions-core" ? core : original.call(this, id);
  };
  return app;
}
