import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type App, provideCoreModule } from "./core-module.ts";

/** A loaded app and its route prefix. */
export interface LoadedApp {
  app: App;
  routePrefix: string;
}

/**
 * Loads a Functions app from its folder like the worker, by the `main` of its package.
 *
 * @throws if the entry file throws or registers no function (which the real host ignores)
 */
export async function loadApp(directory: string): Promise<LoadedApp> {
  const folder = resolve(directory);
  const manifest = await readJson<{ main?: string; type?: string }>(join(folder, "package.json"));
  const host = await readJson<{ extensions?: { http?: { routePrefix?: string } } }>(
    join(folder, "host.json"),
  );
  if (manifest.main === undefined) throw new Error(`${join(folder, "package.json")} has no "main".`);
  const app = provideCoreModule();
  const entry = join(folder, manifest.main);
  if (entry.endsWith(".mjs") || (manifest.type === "module" && !entry.endsWith(".cjs"))) {
    await import(pathToFileURL(entry).href);
  } else {
    createRequire(entry)(entry);
  }
  app.locked = true;
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
  return { app, routePrefix: host.extensions?.http?.routePrefix ?? "api" };
}

async function readJson<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(file, "utf8")) as T;
}
