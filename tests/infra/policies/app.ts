import { members, policy } from "../policy.ts";

const scale = "functionAppConfig.scaleAndConcurrency";
const credentials = "Microsoft.Web/sites/basicPublishingCredentialsPolicies";

/** The function app and its plan. */
export const appPolicies = [
  policy("the plan is Flex Consumption FC1 on Linux", (d) => {
    const { sku, properties } = d.one("Microsoft.Web/serverfarms");
    return [
      [sku, { name: "FC1", tier: "FlexConsumption" }],
      [properties.reserved, true],
      [d.app["kind"], "functionapp,linux"],
      [d.app["properties"].serverFarmId, d.one("Microsoft.Web/serverfarms").id],
    ];
  }),
  policy("the runtime is Node 24, and size and scale are the environment's, or else the platform's", (d) => {
    const { instanceMemoryMB, maximumInstanceCount, alwaysReady, httpConcurrency } = d.expected;
    return members(d.app, {
      "functionAppConfig.runtime": { name: "node", version: "24" },
      [`${scale}.instanceMemoryMB`]: instanceMemoryMB,
      [`${scale}.maximumInstanceCount`]: maximumInstanceCount,
      [`${scale}.alwaysReady`]: alwaysReady === 0 ? [] : [{ name: "http", instanceCount: alwaysReady }],
      [`${scale}.triggers.http.perInstanceConcurrency`]: httpConcurrency,
    });
  }),
  policy("zones are the environment's; by default, none", (d) => [
    [d.one("Microsoft.Web/serverfarms")["properties"].zoneRedundant, d.expected.guarded ?? false],
  ]),
  policy("packages are deployed to the container by identity", (d) => {
    const { type, value, authentication } = d.app["properties"].functionAppConfig.deployment.storage;
    const container = d.one("Microsoft.Storage/storageAccounts/blobServices/containers").name;
    return [
      [type, "blobContainer"],
      [authentication, { type: "UserAssignedIdentity", userAssignedIdentityResourceId: d.identity.id }],
      [value.includes(`reference('${d.storage.id}'`) && value.includes(".primaryEndpoints.blob"), true],
      [value.endsWith(`'${container.split("/").at(-1)}')]`), true],
    ];
  }),
  policy("the app has one user-assigned identity and no other", (d) => [
    [d.app["identity"], { type: "UserAssigned", userAssignedIdentities: { [d.identity.id]: {} } }],
  ]),
  policy("the app and its deployment site answer over https with TLS 1.2, and nobody debugs them", (d) =>
    members(d.app, {
      httpsOnly: true,
      "siteConfig.minTlsVersion": "1.2",
      "siteConfig.scmMinTlsVersion": "1.2",
      "siteConfig.http20Enabled": true,
      "siteConfig.remoteDebuggingEnabled": false,
      // Flex Consumption rejects a setting for FTP.
      "siteConfig.ftpsState": undefined,
    }),
  ),
  policy("what docs/scanner-rules.md declines for the app is left out", (d) =>
    members(d.app, {
      clientCertEnabled: undefined,
      "siteConfig.azureStorageAccounts": undefined,
      "siteConfig.netFrameworkVersion": undefined,
      "siteConfig.requestTracingEnabled": undefined,
      "siteConfig.detailedErrorLoggingEnabled": undefined,
      "siteConfig.minimumElasticInstanceCount": undefined,
    }),
  ),
  policy("instances are replaced one after the other if the environment says so", (d) => [
    [d.app["properties"].functionAppConfig.siteUpdateStrategy?.type, d.expected.guarded && "RollingUpdate"],
  ]),
  policy("a second app has its own name, plan, packages, and host id", (d) => {
    const color = d.expected.guarded ? "-green" : "";
    const { name } = d.one("Microsoft.Storage/storageAccounts/blobServices/containers");
    return [
      [name.split("/").at(-1), `packages${color}`],
      // The Functions host derives its id from these characters.
      [d.app.name.slice(0, 32).includes(`-${d.expected.environment}${color}-`), true],
      [d.one("Microsoft.Web/serverfarms").name, d.app.name.replace("func-", "asp-")],
    ];
  }),
  ...["ftp", "scm"].map((name) =>
    policy(`user names and passwords for ${name} are off`, (d) => [
      [d.all(credentials).find((each) => each.name.endsWith(`/${name}`))?.["properties"].allow, false],
    ]),
  ),
];
