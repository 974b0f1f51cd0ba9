import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AppProcess, startApp } from "../../dev/stack/app-process.ts";
import { repositoryRoot } from "../../tools/repository-paths.ts";
import { authzenModules } from "../support/authzen-modules.ts";
import { runAuthzenModule, type SendAuthzen } from "../support/run-authzen-module.ts";

// What `npm run authzen` serves: the app in its folder, under the local Functions host.
let app: AppProcess;

beforeAll(async () => {
  app = await startApp({
    directory: join(repositoryRoot, "dev", "authzen"),
    port: 0,
    settings: {},
    onLine: () => {},
    functionKey: "unused",
    masterKey: "unused",
  });
});
afterAll(() => app?.stop());

const send: SendAuthzen = async (path, { method, headers, body }) => {
  const url = `http://127.0.0.1:${app.port}/api/access/v1/${path}`;
  const response = await fetch(url, { method, headers, ...(method !== "GET" && { body }) });
  return { status: response.status, headers: response.headers, text: await response.text() };
};

test.each(authzenModules)("$name, over HTTP", (module) => runAuthzenModule(module, send));

test("the metadata names the address that was called", async () => {
  const base = `http://127.0.0.1:${app.port}`;
  const response = await fetch(`${base}/.well-known/authzen-configuration`);
  expect(await response.json()).toMatchObject({ policy_decision_point: base });
});
