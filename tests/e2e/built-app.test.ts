import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type AppProcess, startApp } from "../../dev/stack/app-process.ts";
import { serviceEndpoints } from "../../src/endpoints.ts";
import { distDirectory } from "../../tools/repository-paths.ts";
import { AGENT, CLIENT } from "../support/app-registration.ts";
import { minimalSettings as settings } from "../support/minimal-settings.ts";
import { send } from "../support/service.ts";

const accessTokens = {
  ENTRA_TENANT_ID: "5e4f1ce0-0000-4000-8000-00000000000f",
  ENTRA_AUDIENCE: "api://lkps",
  ENTRA_AUTHORITY_HOST: "http://127.0.0.1:9",
};

let folder: string;
const lines: string[] = [];

// Outside the repository, so that no parent folder has node_modules.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lkps deployed "));
  await cp(distDirectory, folder, { recursive: true });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function load(more: Record<string, string> = {}, directory = folder): Promise<AppProcess> {
  lines.length = 0;
  return await startApp({
    directory,
    port: 0,
    settings: { ...settings, ...more },
    functionKey: "function-key",
    masterKey: "master-key",
    onLine: (line) => lines.push(line),
  });
}

test("the deployable folder has the bundle's parts, their source maps, host.json, package.json, and the page's files, and nothing else", async () => {
  expect((await readdir(distDirectory)).sort()).toEqual([
    "console",
    "docs",
    "host.json",
    "main.mjs",
    "main.mjs.map",
    "package.json",
    "parts",
  ]);
  const served = [
    "index.html",
    "lkps.css",
    "names.js",
    "openapi.json",
    "problems.html",
    "start.js",
    "swagger-ui-bundle.js",
    "swagger-ui.css",
  ];
  expect((await readdir(join(distDirectory, "docs"))).sort()).toEqual(
    ["LICENSE", "NOTICE", ...served.flatMap((file) => [file, `${file}.gz`])].sort(),
  );
  const manifest = JSON.parse(await readFile(join(distDirectory, "package.json"), "utf8"));
  expect(manifest).toEqual({ name: "lkps", version: expect.any(String), private: true, main: "main.mjs" });
  const parts = (await readdir(join(distDirectory, "parts"))).filter((file) => !/\.mjs(\.map)?$/.test(file));
  expect(parts).toEqual([]);
});

// Which they are, and who reaches each, is in every-endpoint.test.ts.
test("the built app, with no node_modules beside it, registers the source's functions and the timers", async () => {
  const app = await load({ ...accessTokens, CALLER_IDENTITY: "gateway-header-and-access-token" });
  await app.stop();
  const expected = serviceEndpoints.map(({ name, method, route, caller }) => ({
    name,
    trigger: "httpTrigger",
    route,
    methods: method === "GET" ? ["GET", "HEAD"] : [method],
    authLevel: caller === "none" ? "anonymous" : "function",
  }));
  const isTimer = ({ trigger }: { trigger: string }) => trigger === "timerTrigger";
  expect(app.functions.filter((one) => !isTimer(one))).toEqual(expected);
  const timers = app.functions.filter(isTimer).map(({ name }) => name);
  expect(timers.sort()).toEqual(["checkLiveSessions", "removeOldSessions"]);
});

test("invalid settings stop the start with one message, and no line of the bundle", async () => {
  const wrong = load({ GRAPH_TIMEOUT_MS: "soon", LIVEKIT_API_SECRET: "" });
  await expect(wrong).rejects.toThrow(/GRAPH_TIMEOUT_MS must be .*\n.*LIVEKIT_API_SECRET is missing/);
  expect(lines.join("\n").length).toBeLessThan(1_000);
});

test("if an adapter cannot be loaded, the app answers and lets nobody in", async () => {
  const crippled = join(folder, "crippled");
  await cp(distDirectory, crippled, { recursive: true });
  for (const file of await readdir(join(crippled, "parts"))) {
    // The other files are what adapters share with the rest, which every start loads.
    if (!file.startsWith("chunk-")) await rm(join(crippled, "parts", file));
  }
  const app = await load({}, crippled);
  const url = `http://127.0.0.1:${app.port}`;
  expect((await send(`${url}/api/health`, "GET", undefined)).status).toBe(200);
  const headers = { "x-functions-key": "function-key", "client-id": CLIENT };
  const body = { agent_entra_app_id: AGENT };
  for (let times = 0; times < 2; times++) {
    const { status, body: problem } = await send(`${url}/api/session/start`, "POST", body, headers);
    expect([status, problem.code]).toEqual([500, "internal_error"]);
  }
  await app.stop();
});
