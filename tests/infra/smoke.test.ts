import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tenantId } from "../../dev/local-defaults.ts";
import { infraDirectory } from "../../tools/infra/deployments.ts";
import { needs } from "../../tools/test/needs.ts";
import { type Service, startService } from "../support/service.ts";

// The smoke test of a deployment, against the whole service on this machine, and against faulty services.

const posix = await needs("posix");
let service: Service;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lkps-smoke-"));
  service = await startService();
});
afterAll(async () => {
  await service?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function smoke(settings: Record<string, string>) {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("LKPS_"));
  const child = spawn(process.execPath, [join(infraDirectory, "hooks", "smoke.mjs")], {
    env: { ...Object.fromEntries(inherited), LKPS_SMOKE_SECONDS: "1", ...settings },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const status = await new Promise((resolve) => child.on("close", resolve));
  return { status, output };
}

const deployed = (callerIdentity: string) => ({
  LKPS_URL: `${service.stack.appUrl}/`,
  LKPS_CALLER_IDENTITY: callerIdentity,
  LKPS_FUNCTION_KEY: service.stack.functionKey,
});

async function accessToken(): Promise<string> {
  const response = await fetch(`${service.stack.entra.url}/${tenantId}/oauth2/v2.0/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: "c11e4700-0000-4000-8000-000000000001",
      client_secret: "approved-secret",
      scope: "api://lkps/.default",
    }),
  });
  return ((await response.json()) as { access_token: string }).access_token;
}

test("it passes a healthy deployment, and prints the results", async () => {
  const { status, output } = await smoke(deployed("gateway-header"));
  const address = service.stack.appUrl;
  expect(output.split("\n")).toEqual([
    `Smoke test of ${address} (CALLER_IDENTITY gateway-header)`,
    "✓ health: 200",
    "✓ ready: 200",
    "✓ the function key: 200",
    "✓ a session with an unregistered agent: 404 agent_not_registered",
    "✓ a spoofed caller that bypasses the gateway: 401",
    "✓ a spoofed caller with a second id in the header: 401 caller_unidentified",
    "– an invalid access token: not run (LKPS identifies callers by header)",
    "Smoke test passed: 6 checks. Next: the gateway, docs/gateway.md",
    "",
  ]);
  expect(status).toBe(0);
});

/** Settings for an app that `az`, a script in the place of the real one, is asked about. */
function askingAz(script: string): Record<string, string> {
  writeFileSync(join(folder, "az"), `#!/bin/sh\necho "$*" >>"${folder}/calls"\n${script}\n`);
  writeFileSync(join(folder, "calls"), "");
  chmodSync(join(folder, "az"), 0o755);
  const { LKPS_FUNCTION_KEY: _, ...settings } = deployed("gateway-header");
  return {
    ...settings,
    LKPS_FUNCTION_APP: "func",
    AZURE_RESOURCE_GROUP: "rg",
    AZURE_SUBSCRIPTION_ID: "sub",
    PATH: [folder, process.env["PATH"]].join(delimiter),
  };
}
const azCalls = () => readFileSync(join(folder, "calls"), "utf8").trim().split("\n");
const keysCall =
  "functionapp keys list --name func --resource-group rg --subscription sub --query functionKeys.default --output tsv";

test(
  "it gets the function key from az, retries while a new host has none, and never prints it",
  posix,
  async () => {
    const key = service.stack.functionKey;
    const az = `[ -e "${folder}/young" ] && echo ${key} && exit 0
touch "${folder}/young"; echo "ServiceUnavailable from host runtime" >&2; exit 1`;
    const { status, output } = await smoke({ ...askingAz(az), LKPS_SMOKE_SECONDS: "60" });
    expect(output).toContain("Smoke test passed: 6 checks.");
    expect(output).not.toContain(key);
    expect(azCalls()).toEqual([keysCall, keysCall]);
    expect(status).toBe(0);
  },
);

test(
  "while an app does not start, it says why and makes the platform read the secret again",
  posix,
  async () => {
    // As the Functions host answers for an app without functions, until az has asked.
    const young = createServer((request, response) => {
      if (!azCalls().some((call) => call.startsWith("rest"))) response.writeHead(404).end();
      else if (request.url?.startsWith("/api/health")) response.end("{}");
      else response.writeHead(401).end('{"code":"caller_unidentified"}');
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => young.once("listening", resolve));
    const LKPS_URL = `http://127.0.0.1:${(young.address() as AddressInfo).port}`;
    const { output } = await smoke({ ...askingAz("echo key"), LKPS_URL, LKPS_SMOKE_SECONDS: "60" });
    young.close();
    expect(output).toMatch(/ten minutes to take effect.*\n.*\n✓ health: 200\n✓ ready: 200\n/);
    expect(azCalls()).toEqual([
      "rest --method POST --url /subscriptions/sub/resourceGroups/rg/providers/Microsoft.Web/sites/func/config/configreferences/appsettings/refresh?api-version=2022-03-01 --output none",
      keysCall,
    ]);
  },
);

test("without a key, it fails and prints the error of az", posix, async () => {
  const { status, output } = await smoke(askingAz("echo 'AuthorizationFailed: no rights' >&2; exit 1"));
  expect(output).toContain("✗ the function key: no answer (AuthorizationFailed: no rights), expected 200");
  expect(status).toBe(1);
});

test.each(["access-token", "gateway-header-and-access-token"])(
  "it passes a deployment of %s",
  async (mode) => {
    await service.stack.restartApp({ CALLER_IDENTITY: mode });
    const LKPS_ACCESS_TOKEN = await accessToken();
    const { status, output } = await smoke({ ...deployed(mode), LKPS_ACCESS_TOKEN });
    expect(output).toContain("✓ a spoofed caller with a second id in the header: 401 caller_unidentified");
    expect(output).toContain("✓ an invalid access token: 401 invalid_token");
    const checks = mode === "access-token" ? 6 : 7;
    expect(output).toContain(`Smoke test passed: ${checks} checks.`);
    expect(output).not.toContain(LKPS_ACCESS_TOKEN);
    expect(status).toBe(0);

    const without = await smoke(deployed(mode));
    expect(without.output).toContain("– a session with an unregistered agent: not run");
    expect(without.output).toContain(`Smoke test passed: ${checks - 1} checks.`);
  },
);

test("it fails a deployment without the grant, and says how to fix it", async () => {
  // Not the directory's identity: the identity endpoint rejects it, as Graph does without the permission.
  await service.stack.restartApp({ AZURE_CLIENT_ID: "1de47170-0000-4000-8000-00000000000f" });
  const { status, output } = await smoke(deployed("gateway-header"));
  expect(output).toContain("✗ ready: 503");
  expect(output).toContain("graph: directory_access_denied");
  expect(output).toContain("infra/graph/grant.sh");
  expect(output).toContain("Smoke test FAILED: 1 of 6 checks.");
  expect(status).toBe(1);
});

test("it fails an app that answers everybody", async () => {
  const open = createServer((_, response) => response.end("{}")).listen(0, "127.0.0.1");
  await new Promise((resolve) => open.once("listening", resolve));
  const LKPS_URL = `http://127.0.0.1:${(open.address() as AddressInfo).port}`;
  const { status, output } = await smoke({ ...deployed("gateway-header"), LKPS_URL });
  open.close();
  expect(output).toContain("Smoke test FAILED: 3 of 6 checks.");
  expect(output).toContain("✗ a spoofed caller that bypasses the gateway: 200, expected 401");
  expect(status).toBe(1);
});

test("it fails if nothing answers, and if there is no address", async () => {
  const nothing = await smoke({ ...deployed("gateway-header"), LKPS_URL: "http://127.0.0.1:9" });
  expect(nothing.output).toContain("✗ health: no answer");
  expect(nothing.status).toBe(1);
  const notGiven = await smoke({});
  expect(notGiven.output).toContain("LKPS_URL is not set");
  expect(notGiven.status).toBe(2);
});
