import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { infraDirectory, snapshotFile } from "../../tools/infra/deployments.ts";
import type { Resource } from "./deployment.ts";

// The gateway on App Service, by its committed snapshot, which compile.test.ts holds equal to the template: a deployment
// in which an app is being released beside the live one.

const resources: Resource[] = JSON.parse(readFileSync(snapshotFile("gateway"), "utf8")).predictedResources;
const ofType = (type: string) => resources.filter((resource) => resource.type === `Microsoft.${type}`);
const [site, slot] = [ofType("Web/sites")[0], ofType("Web/sites/slots")[0]];
const identity = ofType("ManagedIdentity/userAssignedIdentities")[0];
const lkps =
  "/subscriptions/5ab5c7e0-0000-4000-8000-000000000001/resourceGroups/rg-lkps-np-westeurope/providers/Microsoft";

test("its identity may read the function key of each app, and nothing else", () => {
  const roles = ofType("Authorization/roleAssignments").map(({ id, properties }) => [
    id.split("/providers/Microsoft.Authorization/")[0],
    properties.roleDefinitionId.split("/").at(-1),
    properties.principalId,
  ]);
  const reader = [
    "4633458b-17de-408a-b874-0445c86b69e6",
    `[reference('${identity?.id}', '2024-11-30').principalId]`,
  ];
  expect(roles).toEqual(
    ["blue", "green"].map((color) => [
      `${lkps}.KeyVault/vaults/kv-lkps-np/secrets/lkps-function-key-${color}`,
      ...reader,
    ]),
  );
});

test.each([
  ["the gateway", site],
  ["its slot", slot],
])("%s runs on Linux, over https with TLS 1.2 only, without FTP, debugging, and passwords", (_, app) => {
  expect(app?.["kind"]).toBe("app,linux");
  const { httpsOnly, siteConfig, keyVaultReferenceIdentity } = app?.["properties"] ?? {};
  expect([httpsOnly, keyVaultReferenceIdentity]).toEqual([true, identity?.id]);
  expect(siteConfig).toEqual({
    linuxFxVersion: "DOTNETCORE|10.0",
    appCommandLine: "dotnet Lkps.Gateway.dll",
    alwaysOn: true,
    healthCheckPath: "/api/health",
    http20Enabled: true,
    minTlsVersion: "1.2",
    scmMinTlsVersion: "1.2",
    ftpsState: "Disabled",
    remoteDebuggingEnabled: false,
  });
  const credentials = resources.filter(
    ({ type, id }) => type.endsWith("/basicPublishingCredentialsPolicies") && id.startsWith(`${app?.id}/b`),
  );
  expect(credentials.map(({ properties }) => properties.allow)).toEqual([false, false]);
});

test("the gateway calls the live app and the slot the next one, each with its key from the vault; the rest is alike", () => {
  const [live, next] = [ofType("Web/sites/config")[0], ofType("Web/sites/slots/config")[0]].map(
    (config) => config?.["properties"] as Record<string, string>,
  );
  for (const [settings, app, color] of [
    [live, "func-lkps-np", "blue"],
    [next, "func-lkps-np-green", "green"],
  ] as const) {
    expect(settings?.["LKPS_URL"]).toContain(`'${lkps}.Web/sites/${app}'`);
    expect(settings?.["LKPS_FUNCTION_KEY"]).toBe(
      `@Microsoft.KeyVault(VaultName=kv-lkps-np;SecretName=lkps-function-key-${color})`,
    );
  }
  // A swap exchanges exactly these.
  const rest = ({ LKPS_URL: _, LKPS_FUNCTION_KEY: __, ...others }: Record<string, string> = {}) => others;
  expect(rest(next)).toEqual(rest(live));
});

test("its settings fill in every placeholder of appsettings.json, by names that the gateway reads", () => {
  const file = readFileSync(join(infraDirectory, "gateway", "appsettings.json"), "utf8");
  const { Authentication, Cors } = JSON.parse(file);
  const set = ofType("Web/sites/config")[0]?.["properties"] as Record<string, string>;
  const flat = (value: unknown, path: string): string[] =>
    typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([key, inner]) => flat(inner, `${path}__${key}`))
      : [path];
  const placeholders = [...flat(Authentication, "Authentication"), "LKPS_URL"];
  expect(placeholders.filter((name) => set[name] === undefined)).toEqual([]);
  expect([Cors, set["Cors__Origins__0"]]).toEqual([{ Origins: [] }, "https://console.example"]);
  const audience = "5e4f1ce0-0000-4000-8000-000000000001";
  const scheme = "Authentication__Schemes__Bearer__ValidAudiences__";
  expect([set[`${scheme}0`], set[`${scheme}1`]]).toEqual([audience, `api://${audience}`]);
});

test("a B plan has no slot, because it cannot have one, and every part logs to the workspace of LKPS", () => {
  const template = readFileSync(join(infraDirectory, "gateway", "infra", "app.bicep"), "utf8");
  expect(template).toContain("var hasSlot = next != null && !startsWith(sku, 'B')");
  expect(ofType("Web/serverfarms")[0]?.["sku"]).toEqual({ name: "P0v3", capacity: 1 });
  const workspaces = ofType("Insights/diagnosticSettings").map(({ properties }) => properties.workspaceId);
  expect(workspaces).toEqual(Array(2).fill(`${lkps}.OperationalInsights/workspaces/log-lkps-np`));
});
