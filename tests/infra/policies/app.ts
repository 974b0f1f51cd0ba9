import { policy } from "../policy.ts";

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
  policy("the runtime is Node 24", (d) => [
    [d.app["properties"].functionAppConfig.runtime, { name: "node", version: "24" }],
  ]),
  policy("the memory is the environment's", (d) => [
    [scale(d.app).instanceMemoryMB, d.expected.instanceMemoryMB],
  ]),
  policy("the maximum number of instances is the environment's", (d) => [
    [scale(d.app).maximumInstanceCount, d.expected.maximumInstanceCount],
  ]),
  policy("instances are kept warm if the environment says so; by default, none", (d) => [
    [
      scale(d.app).alwaysReady,
      d.expected.alwaysReady === 0 ? [] : [{ name: "http", instanceCount: d.expected.alwaysReady }],
    ],
  ]),
  policy("the concurrency of an instance is the environment's; by default, the platform's", (d) => [
    [scale(d.app).triggers?.http.perInstanceConcurrency, d.expected.httpConcurrency],
  ]),
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
  policy("what docs/scanner-rules.md declines for the app is left out", ({ app }) => {
    const declined = [
      app["properties"].clientCertEnabled,
      site(app).azureStorageAccounts,
      site(app).netFrameworkVersion,
      site(app).requestTracingEnabled,
      site(app).detailedErrorLoggingEnabled,
      site(app).minimumElasticInstanceCount,
    ];
    return [[declined.filter((each) => each !== undefined), []]];
  }),
  policy("the app has one user-assigned identity and no other", (d) => [
    [d.app["identity"], { type: "UserAssigned", userAssignedIdentities: { [d.identity.id]: {} } }],
  ]),
  policy("the app answers over https only", (d) => [[d.app["properties"].httpsOnly, true]]),
  policy("the app requires TLS 1.2 or newer", (d) => [[site(d.app).minTlsVersion, "1.2"]]),
  policy("the deployment site requires TLS 1.2 or newer", (d) => [[site(d.app).scmMinTlsVersion, "1.2"]]),
  policy("there is no setting for FTP, which Flex Consumption rejects", (d) => [
    [site(d.app).ftpsState, undefined],
  ]),
  policy("the app supports HTTP/2", (d) => [[site(d.app).http20Enabled, true]]),
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
  policy("remote debugging is off", (d) => [[site(d.app).remoteDebuggingEnabled, false]]),
  ...["ftp", "scm"].map((name) =>
    policy(`user names and passwords for ${name} are off`, (d) => [
      [d.all(credentials).find((each) => each.name.endsWith(`/${name}`))?.["properties"].allow, false],
    ]),
  ),
];

// biome-ignore lint/suspicious/noExplicitAny: each type has a shape of its own
type Any = any;

const scale = (app: Any): Any => app.properties.functionAppConfig.scaleAndConcurrency;
const site = (app: Any): Any => app.properties.siteConfig;
