import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseDocument } from "yaml";
import { fromJSONSchema } from "zod";
import { infraDirectory, snapshotFile, snapshotPlace, snapshots } from "../../tools/infra/deployments.ts";
import { needs } from "../../tools/test/needs.ts";
import schema from "./azure-yaml.schema.json" with { type: "json" };
import type { Resource } from "./deployment.ts";
import { describeWithBicep, sharedBicep, withVariables } from "./with-bicep.ts";

// The gateway on App Service, by its committed snapshot, which compile.test.ts holds equal to the template: a deployment
// in which an app is being released beside the live one.

const resources: Resource[] = JSON.parse(readFileSync(snapshotFile("gateway"), "utf8")).predictedResources;
const ofType = (type: string) => resources.filter((resource) => resource.type === `Microsoft.${type}`);
const [site, slot] = [ofType("Web/sites")[0], ofType("Web/sites/slots")[0]];
const identity = ofType("ManagedIdentity/userAssignedIdentities")[0];
const lkps =
  "/subscriptions/5ab5c7e0-0000-4000-8000-000000000001/resourceGroups/rg-lkps-np-westeurope/providers/Microsoft";

test("it is in a group and an environment of its own, so that neither is deleted with the other", () => {
  const groups = ofType("Resources/resourceGroups").map(({ name, tags }) => [name, tags?.["azd-env-name"]]);
  expect(groups).toEqual([["rg-lkps-gateway-np-westeurope", "gateway-np"]]);
});

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

const gateway = parseDocument(readFileSync(join(infraDirectory, "gateway", "azure.yaml"), "utf8"), {
  strict: true,
  uniqueKeys: true,
}).toJS();

describeWithBicep("the parameters of the gateway", () => {
  test("leave the address of its docs open while LKPS still gives its own to callers", async () => {
    const { file = "", variables = {} } = snapshots.find(({ name }) => name === "gateway") ?? {};
    const own = "https://func-lkps-np.azurewebsites.net";
    const snapshot = await withVariables(
      file,
      { ...variables, LKPS_URL: own, PUBLIC_BASE_URL: own },
      (copy) => sharedBicep().snapshot(copy, snapshotPlace),
    );
    const { predictedResources } = JSON.parse(snapshot);
    const settings = predictedResources.find(({ type }: Resource) => type === "Microsoft.Web/sites/config");
    expect(settings.properties.PUBLIC_BASE_URL).toBe("");
    const later = ofType("Web/sites/config")[0]?.["properties"];
    expect(later.PUBLIC_BASE_URL).toBe("https://gateway.example");
  });
});

const posix = await needs("posix");

describe("the gateway's azure.yaml", () => {
  test("is valid, and a project apart from LKPS's, with its own environments", () => {
    // biome-ignore lint/suspicious/noExplicitAny: the type of imported JSON is not that of a schema
    expect(fromJSONSchema(schema as any).safeParse(gateway).error?.issues ?? []).toEqual([]);
    expect(gateway.infra).toMatchObject({ path: "infra", module: "main" });
    // azd finds deployments by the name of the environment: a common one would take the one for the other.
    expect(readFileSync(join(infraDirectory, "gateway", "connect.sh"), "utf8")).toContain(
      'environment="gateway-$(value AZURE_ENV_NAME)"',
    );
  });

  test.each([
    [{ ENTRA_AUDIENCE: "" }, "The environment np has no ENTRA_AUDIENCE"],
    [{ LKPS_CALLER_IDENTITY: "access-token" }, "LKPS expects no gateway, and keeps no key for one"],
  ])("is not connected to an LKPS with %j, which has nothing for a gateway", posix, (missing, says) => {
    const values = Object.entries({
      ...{ AZURE_ENV_NAME: "np", AZURE_TENANT_ID: "t", LKPS_LIVE_KEY_SECRET: "s", ENTRA_AUDIENCE: "a" },
      ...missing,
    }).map(([name, value]) => `${name}="${value}"`);
    const azd = `() { [[ $2 == get-values ]] && printf '%s\n' ${values.map((each) => `'${each}'`).join(" ")} || echo changed; }`;
    const { status, stdout, stderr } = spawnSync("bash", [join(infraDirectory, "gateway", "connect.sh")], {
      env: { ...process.env, "BASH_FUNC_azd%%": azd },
      encoding: "utf8",
    });
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(says);
  });

  test("deploys the .NET project to the app of its own template, and ends in a smoke test", () => {
    expect(gateway.services["gateway"]).toEqual({
      project: ".",
      language: "dotnet",
      host: "appservice",
      resourceGroup: expect.stringMatching(/^\$\{GATEWAY_RESOURCE_GROUP\}$/),
      resourceName: expect.stringMatching(/^\$\{GATEWAY_APP\}$/),
    });
    const { posix, windows } = gateway.hooks["postdeploy"] ?? {};
    const [, script = ""] = posix?.run.split(" ") ?? [];
    expect(existsSync(join(infraDirectory, "gateway", script))).toBe(true);
    expect([posix?.interactive, windows?.run]).toEqual([true, posix?.run]);
  });
});
