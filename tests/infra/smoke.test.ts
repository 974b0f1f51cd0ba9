import { createServer } from "node:http";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { listen } from "../../dev/listen.ts";
import { runChecks } from "../../infra/hooks/checks.mjs";
import { needs } from "../../tools/test/needs.ts";
import { type HookWorld, startHookWorld } from "./hook-world.ts";

// The smoke test of a deployment, against the whole service on this machine, and against faulty services.

const posix = await needs("posix");
let world: HookWorld;
beforeAll(async () => {
  world = await startHookWorld();
});
afterAll(() => world?.close());

test("it passes a healthy deployment, and prints the results", async () => {
  const { status, output } = await world.run(world.deployed("gateway-header"));
  const address = world.service.stack.appUrl;
  expect(output.split("\n")).toEqual([
    `Smoke test of ${address} (CALLER_IDENTITY gateway-header)`,
    "✓ health: 200",
    "✓ ready: 200",
    "✓ the function key: 200",
    "✓ a session with an unregistered agent: 404 agent_not_registered",
    "✓ a spoofed caller that bypasses the gateway: 401",
    "✓ a spoofed caller with a second id in the header: 401 caller_unidentified",
    "– an invalid access token: not run (LKPS identifies callers by header)",
    "Smoke test passed: 6 checks.",
    "",
  ]);
  expect(status).toBe(0);
});

const keysCall =
  "functionapp keys list --name func --resource-group rg --subscription sub --query functionKeys --output json";

test(
  "it gets the function key from az, retries while a new host has none, and never prints it",
  posix,
  async () => {
    const key = world.service.stack.functionKey;
    const az = `[ -e "${world.folder}/young" ] && echo '{"default":"${key}"}' && exit 0
touch "${world.folder}/young"; echo "ServiceUnavailable from host runtime" >&2; exit 1`;
    const { status, output } = await world.run({ ...world.askingAz(az), LKPS_SMOKE_SECONDS: "60" });
    expect(output).toContain("Smoke test passed: 6 checks.");
    expect(output).not.toContain(key);
    expect(world.azCalls()).toEqual([keysCall, keysCall]);
    expect(status).toBe(0);
  },
);

test(
  "while an app does not start, it says why and makes the platform read the secret again",
  posix,
  async () => {
    // As the Functions host answers for an app without functions, until az has asked.
    const app = createServer((request, response) => {
      if (!world.azCalls().some((call) => call.startsWith("rest"))) response.writeHead(404).end();
      else if (request.url?.startsWith("/api/health")) response.end("{}");
      else response.writeHead(401).end('{"code":"caller_unidentified"}');
    });
    const young = await listen(app, 0);
    const settings = { ...world.askingAz(`echo '{"default":"key"}'`), LKPS_URL: young.url };
    const { output } = await world.run({ ...settings, LKPS_SMOKE_SECONDS: "60" });
    await young.close();
    expect(output).toMatch(/ten minutes to take effect.*\n.*\n✓ health: 200\n✓ ready: 200\n/);
    expect(world.azCalls()).toEqual([
      "rest --method POST --url /subscriptions/sub/resourceGroups/rg/providers/Microsoft.Web/sites/func/config/configreferences/appsettings/refresh?api-version=2022-03-01 --output none",
      keysCall,
    ]);
  },
);

test("without a key, it fails and prints the error of az", posix, async () => {
  const { status, output } = await world.run(
    world.askingAz("echo 'AuthorizationFailed: no rights' >&2; exit 1"),
  );
  expect(output).toContain("✗ the function key: no answer (AuthorizationFailed: no rights), expected 200");
  expect(status).toBe(1);
});

test.each(["access-token", "gateway-header-and-access-token"])(
  "it passes a deployment of %s",
  async (mode) => {
    await world.service.stack.restartApp({ CALLER_IDENTITY: mode });
    const LKPS_ACCESS_TOKEN = await world.accessToken();
    const { status, output } = await world.run({ ...world.deployed(mode), LKPS_ACCESS_TOKEN });
    expect(output).toContain("✓ a spoofed caller with a second id in the header: 401 caller_unidentified");
    expect(output).toContain("✓ an invalid access token: 401 invalid_token");
    const checks = mode === "access-token" ? 6 : 7;
    expect(output).toContain(`Smoke test passed: ${checks} checks.`);
    expect(output).not.toContain(LKPS_ACCESS_TOKEN);
    expect(status).toBe(0);

    const without = await world.run(world.deployed(mode));
    expect(without.output).toContain("– a session with an unregistered agent: not run");
    expect(without.output).toContain(`Smoke test passed: ${checks - 1} checks.`);
  },
);

test("it fails a deployment without the grant, and says how to fix it", async () => {
  // Not the directory's identity: the identity endpoint rejects it, as Graph does without the permission.
  await world.service.stack.restartApp({ AZURE_CLIENT_ID: "1de47170-0000-4000-8000-00000000000f" });
  const { status, output } = await world.run(world.deployed("gateway-header"));
  expect(output).toContain("✗ ready: 503");
  expect(output).toContain("graph: directory_access_denied");
  expect(output).toContain("infra/graph/grant.sh");
  expect(output).toContain("Smoke test FAILED: 1 of 6 checks.");
  expect(status).toBe(1);
});

test("it fails an app that answers everybody", async () => {
  const open = await listen(
    createServer((_, response) => response.end("{}")),
    0,
  );
  const { status, output } = await world.run({ ...world.deployed("gateway-header"), LKPS_URL: open.url });
  await open.close();
  expect(output).toContain("Smoke test FAILED: 3 of 6 checks.");
  expect(output).toContain("✗ a spoofed caller that bypasses the gateway: 200, expected 401");
  expect(status).toBe(1);
});

test("it fails if nothing answers, and if there is no address", async () => {
  const nothing = await world.run({ ...world.deployed("gateway-header"), LKPS_URL: "http://127.0.0.1:9" });
  expect(nothing.output).toContain("✗ health: no answer");
  expect(nothing.status).toBe(1);
  const notGiven = await world.run({});
  expect(notGiven.output).toContain("LKPS_URL is not set");
  expect(notGiven.status).toBe(2);
});

test.each(["http://lkps.example", "http://127.0.0.1.example", "ftp://127.0.0.1", "lkps"])(
  "it sends no key to %s",
  async (LKPS_URL) => {
    const { status, output } = await world.run({ ...world.deployed("gateway-header"), LKPS_URL });
    expect(output).toBe("LKPS_URL must begin with https://, because a key or a token is sent there.\n");
    expect(status).toBe(2);
  },
);

test("it follows no redirect with the key, and prints nothing of a server to the terminal", async () => {
  const reached: string[] = [];
  const elsewhere = createServer((request, response) => {
    reached.push(request.url ?? "");
    response.end("{}");
  });
  const other = await listen(elsewhere, 0);
  const dependencies = { "graph\u001b[2J": { ok: false, code: "\u001b]0;x\u0007" } };
  const app = createServer((request, response) => {
    if (request.url === "/api/health") response.writeHead(302, { location: other.url }).end();
    else if (request.url === "/api/health/ready")
      response.writeHead(503).end(JSON.stringify({ dependencies }));
    else response.writeHead(404).end(JSON.stringify({ code: "\u001b[31magent_not_registered" }));
  });
  const hostile = await listen(app, 0);
  const { output } = await world.run({ ...world.deployed("gateway-header"), LKPS_URL: hostile.url });
  await other.close();
  await hostile.close();
  expect(reached).toEqual([]);
  expect(output).toContain("✗ health: 302, expected 200");
  expect(output).toContain("  graph [2J: (not a code of LKPS)\n");
  expect(output).toContain("404 (not a code of LKPS), expected 404 agent_not_registered");
  expect(output).not.toMatch(/[^\n\P{Cc}]/u);
});

test("it gives up a minute after Entra ID refused the app, which waiting does not heal", async () => {
  let asked = 0;
  vi.useFakeTimers({ toFake: ["Date", "setTimeout"] });
  const refused = {
    status: 503,
    body: { dependencies: { graph: { ok: false, code: "directory_access_denied" } } },
  };
  const check = async () => {
    asked++;
    return refused;
  };
  const passed = runChecks([{ name: "ready", expected: "200", check, patient: true }], {
    patienceMs: 900_000,
  });
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await passed).toBe(false);
  expect(asked).toBe(21);
  vi.useRealTimers();
});
