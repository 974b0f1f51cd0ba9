import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listen } from "../../dev/listen.ts";
import { lkpsClientId, tenantId } from "../../dev/local-defaults.ts";
import { azProgram } from "../../infra/hooks/az.mjs";
import { needs } from "../../tools/test/needs.ts";
import { type HookWorld, startHookWorld } from "./hook-world.ts";

// What follows the smoke test of LKPS: the key for a gateway, the first session, and the smoke test of the gateway.

const posix = await needs("posix");
let world: HookWorld;
beforeAll(async () => {
  world = await startHookWorld();
});
afterAll(() => world?.close());

/** What `az` is asked to put into the vault, and what it says is there. */
const vaultAz = (fingerprint: string) => `case "$*" in
  *"keys list"*) echo '{"default":"${world.service.stack.functionKey}","gateway":"second"}';;
  *"--method GET"*) echo ${fingerprint};;
  *"--method PUT"*) cat >"${world.folder}/stored";;
esac`;
const vault = { LKPS_KEY_VAULT: "kv", LKPS_KEY_SECRET: "lkps-function-key-blue" };
const fingerprintOf = (key: string) => createHash("sha256").update(key).digest("hex").slice(0, 16);
const stored = () => readFileSync(join(world.folder, "stored"), "utf8");

test("it stores the function key in the vault, as no argument of a command", posix, async () => {
  const { status, output } = await world.run({ ...world.askingAz(vaultAz("")), ...vault });
  expect(output).toContain("The function key is in the vault now: lkps-function-key-blue.");
  expect(status).toBe(0);
  const { tags, properties } = JSON.parse(stored());
  expect([tags.fingerprint, properties.value]).toEqual([
    fingerprintOf(world.service.stack.functionKey),
    world.service.stack.functionKey,
  ]);
  expect(world.azCalls().at(-1)).toBe(
    "rest --method PUT --url /subscriptions/sub/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv/secrets/lkps-function-key-blue?api-version=2024-11-01 --headers Content-Type=application/json --body @- --output none",
  );
});

test.each([
  ["default", () => world.service.stack.functionKey],
  ["gateway", () => "second"],
])("it leaves the key %s in the vault, which is still one of the app's", posix, async (_, key) => {
  writeFileSync(join(world.folder, "stored"), "");
  const { status } = await world.run({ ...world.askingAz(vaultAz(fingerprintOf(key()))), ...vault });
  expect([status, stored()]).toEqual([0, ""]);
});

test("it fails if the key cannot be stored, and says why", posix, async () => {
  const az = `${vaultAz("")}\ncase "$*" in *PUT*) echo "Forbidden: no rights" >&2; exit 1;; esac`;
  const { status, output } = await world.run({ ...world.askingAz(az), ...vault });
  expect(output).toContain(
    "could not be stored in the vault, so a gateway cannot read it: Forbidden: no rights",
  );
  expect(status).toBe(1);
});

test("a rotated key is stored by its name", posix, async () => {
  const { status, output } = await world.run(
    { ...world.askingAz(vaultAz("")), ...vault },
    "store-key.mjs gateway",
  );
  expect([status, JSON.parse(stored()).properties.value]).toEqual([0, "second"]);
  expect(output).not.toContain("second");
});

test("on Windows, az is started as the Python beside its batch file, so that no shell reads azd's values", () => {
  writeFileSync(join(world.folder, "az.cmd"), "");
  expect(azProgram("win32", ["/nowhere", world.folder].join(delimiter))).toEqual([
    join(world.folder, "..", "python.exe"),
    "-IBm",
    "azure.cli",
  ]);
  expect(() => azProgram("win32", "/nowhere")).toThrow("az is not on the PATH");
  expect(azProgram("linux", "")).toEqual(["az"]);
});

describe("the trial and the gateway's smoke test", posix, () => {
  const entra = { AZURE_TENANT_ID: tenantId, ENTRA_AUDIENCE: lkpsClientId };
  const trialAgent = "a9e17000-0000-4000-8000-000000000001";
  /** `az` of a tenant that gives out the directory's own agent and client, and removes them. */
  const graphAz = () => `body=; case "$*" in *"@-"*) body="$(cat)";; esac
case "$*" in
  *configreferences*/refresh*) touch "${world.folder}/refreshed";;
  *configreferences*) [ -e "${world.folder}/refreshed" ] && echo Resolved || echo AccessToKeyVaultDenied;;
  "cloud show"*) echo '{"microsoftGraphResourceId":"https://graph.microsoft.com/","activeDirectory":"${world.service.stack.entra.url}"}';;
  *"POST --url https://graph.microsoft.com/v1.0/applications --output"*)
    case "$body" in
      *"trial agent"*) echo '{"id":"agent","appId":"${trialAgent}"}';;
      *) echo '{"id":"client","appId":"c11e4700-0000-4000-8000-000000000001"}';;
    esac;;
  *servicePrincipals*)
    if [ ! -e "${world.folder}/replicated" ]; then
      touch "${world.folder}/replicated"
      echo "ERROR: Bad Request" >&2
      echo '{"error":{"code":"NoBackingApplicationObject"}}' >&2
      exit 1
    fi;;
  *applications/agent/addPassword*) echo '{"secretText":"agent1-secret"}';;
  *applications/client/addPassword*) echo '{"secretText":"approved-secret"}';;
esac`;
  beforeAll(() => world.service.stack.restartApp({ CALLER_IDENTITY: "access-token" }));

  test("the trial starts a session by the applications' own tokens, once Entra ID has them everywhere, and removes them", async () => {
    const settings = { ...world.askingAz(graphAz()), ...entra };
    const { status, output } = await world.run(settings, "trial.mjs");
    expect(output).toMatch(/✓ A session\. .*\nwss?:\S+\n[\w-]+\.[\w-]+\.[\w-]+\n$/);
    expect(status).toBe(0);
    expect(output).not.toContain("secret");
    expect(world.azCalls().filter((call) => call.includes("DELETE"))).toEqual([
      "rest --method DELETE --url https://graph.microsoft.com/v1.0/applications/agent --output json",
      "rest --method DELETE --url https://graph.microsoft.com/v1.0/applications/client --output json",
    ]);
    const entry = world.azCalls().find((call) => call.includes("PATCH"));
    expect(entry).toContain("applications/agent --output json");
    expect(world.azCalls().filter((call) => call.includes("servicePrincipals"))).toHaveLength(3);
  });

  test("a trial that may not register applications says so", async () => {
    const az = `case "$*" in "cloud show"*) echo '{"microsoftGraphResourceId":"x","activeDirectory":"x"}';;
*) echo "ERROR: Insufficient privileges" >&2; exit 1;; esac`;
    const { status, output } = await world.run({ ...world.askingAz(az), ...entra }, "trial.mjs");
    expect(output).toContain("✗ ERROR: Insufficient privileges");
    expect(status).toBe(1);
  });

  test("the gateway's smoke test waits for the function key, and passes a gateway with a session by a real token", async () => {
    const site = { GATEWAY_APP: "app", GATEWAY_RESOURCE_GROUP: "gateways", LKPS_SMOKE_SECONDS: "60" };
    const url = { GATEWAY_URL: world.service.stack.gatewayUrl };
    const settings = { ...world.askingAz(graphAz()), ...entra, ...site, ...url };
    const { status, output } = await world.run({ ...settings, LKPS_TRIAL: "true" }, "gateway-smoke.mjs");
    expect(world.azCalls()[1]).toBe(
      "rest --method POST --url /subscriptions/sub/resourceGroups/gateways/providers/Microsoft.Web/sites/app/config/configreferences/appsettings/refresh?api-version=2022-03-01 --output none",
    );
    expect(output.split("\n").slice(1)).toEqual([
      "✓ health: 200",
      "✓ ready: 200",
      "✓ the function key, read from the vault: 200",
      "✓ no token: 401 caller_unidentified",
      "✓ a forged client-id without a token: 401 caller_unidentified",
      "✓ an invalid token: 401 invalid_token",
      "– a forged client-id beside a token, whose application counts: not run (LKPS_ACCESS_TOKEN is not set)",
      "✓ a session by an application's own token, beside a forged client-id: 200",
      "Smoke test passed: 7 checks.",
      "",
    ]);
    expect(status).toBe(0);
    const LKPS_ACCESS_TOKEN = await world.accessToken();
    const withToken = await world.run({ ...settings, LKPS_ACCESS_TOKEN }, "gateway-smoke.mjs");
    expect(withToken.output).toContain("✓ a forged client-id beside a token, whose application counts: 200");
  });

  test("it fails a gateway that believes a forged client-id", async () => {
    const believing = createServer((request, response) => {
      response.end(JSON.stringify({ agent_entra_app_id: request.headers["client-id"] }));
    });
    const naive = await listen(believing, 0);
    const token = { LKPS_ACCESS_TOKEN: await world.accessToken() };
    const { status, output } = await world.run(
      { ...entra, ...token, GATEWAY_URL: naive.url },
      "gateway-smoke.mjs",
    );
    await naive.close();
    expect(output).toContain("✗ no token: 200, expected 401 caller_unidentified");
    expect(output).toContain("no answer (another application: take the gateway offline), expected 200");
    expect(status).toBe(1);
  });
});
