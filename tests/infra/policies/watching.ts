import type { Resource } from "../deployment.ts";
import { policy } from "../policy.ts";

/** Resource types with logs or metrics of their own, which a diagnostic setting sends somewhere. */
const withDiagnostics = new Set([
  "Microsoft.OperationalInsights/workspaces",
  "Microsoft.Storage/storageAccounts",
  "Microsoft.Storage/storageAccounts/blobServices",
  "Microsoft.Storage/storageAccounts/tableServices",
  "Microsoft.KeyVault/vaults",
  "Microsoft.Web/serverfarms",
  "Microsoft.Web/sites",
  "Microsoft.Network/virtualNetworks",
  "Microsoft.Network/networkSecurityGroups",
  "Microsoft.ApiManagement/service",
]);

/** Those that have none, by type or by the folder that the type is in. */
const withoutDiagnostics = [
  "Microsoft.Resources/resourceGroups",
  "Microsoft.ManagedIdentity/userAssignedIdentities",
  "Microsoft.Authorization/roleAssignments",
  "Microsoft.Authorization/locks",
  "Microsoft.Consumption/budgets",
  // Its data is in the workspace already; a setting would keep all of it twice.
  "Microsoft.Insights/components",
  "Microsoft.Insights/diagnosticSettings",
  "Microsoft.Insights/actionGroups",
  "Microsoft.Insights/scheduledQueryRules",
  "Microsoft.Insights/workbooks",
  "Microsoft.Insights/webtests",
  "Microsoft.Insights/metricAlerts",
  "Microsoft.Storage/storageAccounts/blobServices/containers",
  "Microsoft.KeyVault/vaults/secrets",
  "Microsoft.Web/sites/",
  "Microsoft.Network/virtualNetworks/subnets",
  "Microsoft.Network/privateDnsZones",
  "Microsoft.Network/privateEndpoints",
  "Microsoft.ApiManagement/service/",
];

const enabled = (entries: readonly Record<string, unknown>[] | undefined, key: string) =>
  (entries ?? []).filter((entry) => entry["enabled"] === true).map((entry) => entry[key]);

/** Application Insights, Log Analytics, and who sends what there. */
export const watchingPolicies = [
  policy("Application Insights takes no key, and keeps its data in the workspace", (d) => {
    const { properties } = d.one("Microsoft.Insights/components");
    return [
      [properties.DisableLocalAuth, true],
      [properties.WorkspaceResourceId, d.workspace.id],
    ];
  }),
  policy("the workspace takes no key", ({ workspace }) => [
    [workspace["properties"].features.disableLocalAuth, true],
  ]),
  policy("logs are kept as long as the environment says, within its quota", ({ workspace, expected }) => {
    const { retentionInDays, workspaceCapping } = workspace["properties"];
    return [
      [retentionInDays, expected.environment === "prod" ? 90 : 30],
      [workspaceCapping.dailyQuotaGb, { np: 1, prod: 30 }[expected.environment] ?? -1],
    ];
  }),
  policy("every resource that has diagnostics sends them to the workspace", (d) => {
    const settings = d.all("Microsoft.Insights/diagnosticSettings");
    const says = ({ properties }: Resource) =>
      properties.workspaceId === d.workspace.id &&
      enabled(properties.logs, "enabled").length + enabled(properties.metrics, "enabled").length > 0;
    const silent = d.resources
      .filter(({ type }) => withDiagnostics.has(type))
      .filter(({ id }) => !settings.some((each) => each.id.startsWith(`${id}/providers/`) && says(each)));
    return [[silent.map(({ id }) => id), []]];
  }),
  policy("it is known of every type of resource whether it has diagnostics", (d) => {
    const known = (type: string) =>
      withDiagnostics.has(type) || withoutDiagnostics.some((each) => `${type}/`.startsWith(each));
    return [[d.resources.map(({ type }) => type).filter((type) => !known(type)), []]];
  }),
  policy("writes and deletes of blobs and tables are logged; reads where the environment says so", (d) => {
    const wanted = [...(d.expected.guarded ? ["StorageRead"] : []), "StorageWrite", "StorageDelete"];
    return ["blobServices", "tableServices"].map((service) => {
      const setting = d
        .all("Microsoft.Insights/diagnosticSettings")
        .find(({ id }) => id.includes(`/${service}/default/`));
      return [enabled(setting?.["properties"].logs, "category"), wanted];
    });
  }),
  policy("everything that happens to the vault is logged", (d) => {
    const setting = d
      .all("Microsoft.Insights/diagnosticSettings")
      .find(({ id }) => id.startsWith(`${d.vault.id}/`));
    return [[enabled(setting?.["properties"].logs, "categoryGroup"), ["allLogs"]]];
  }),
  policy(
    "the host's log is kept beside telemetry, unless switched off, and Easy Auth's where it is on",
    (d) => {
      const setting = d
        .all("Microsoft.Insights/diagnosticSettings")
        .find(({ id }) => id.startsWith(`${d.app.id}/`));
      const wanted = d.expected.guarded ? ["AppServiceAuthenticationLogs"] : ["FunctionAppLogs"];
      return [[enabled(setting?.["properties"].logs, "category"), wanted]];
    },
  ),
  policy("alerts reach those who are to know, by mail and by webhook", (d) => {
    const { emailReceivers, webhookReceivers } = d.one("Microsoft.Insights/actionGroups")["properties"];
    const rules = [
      ...d.all("Microsoft.Insights/scheduledQueryRules"),
      ...d.all("Microsoft.Insights/metricAlerts"),
    ];
    const group = d.one("Microsoft.Insights/actionGroups").id;
    return [
      [emailReceivers.length, d.expected.guarded ? 0 : 1],
      // The webhook is secure, so that a snapshot does not show it.
      [/'serviceUri', parameters\('webhook'\)/.test(webhookReceivers), true],
      [rules.filter(({ properties }) => !JSON.stringify(properties.actions).includes(group)), []],
    ];
  }),
  policy("production is called from outside, by the address that callers use", (d) => {
    const tests = d.all("Microsoft.Insights/webtests");
    if (d.expected.environment === "np") return [[tests, []]];
    const [{ properties } = d.one("Microsoft.Insights/webtests")] = tests;
    const { criteria } = d.one("Microsoft.Insights/metricAlerts")["properties"];
    return [
      [properties.Request.RequestUrl, "https://gateway.example/api/health/ready"],
      [properties.ValidationRules.ExpectedHttpStatusCode, 200],
      [properties.Locations.length >= 5, true],
      [
        [criteria.webTestId, criteria.failedLocationCount],
        [tests[0]?.id, 2],
      ],
    ];
  }),
  policy("a budget notifies before, at and beyond its amount, where an environment has one", (d) => {
    const budgets = d
      .all("Microsoft.Consumption/budgets")
      .map(({ properties }) => [
        properties.amount,
        properties.timePeriod.startDate,
        Object.values<Notification>(properties.notifications).map((each) => [
          each.thresholdType,
          each.threshold,
          each.enabled,
          each.contactGroups,
        ]),
      ]);
    const group = [d.one("Microsoft.Insights/actionGroups").id];
    const wanted = [
      ["Actual", 50],
      ["Actual", 90],
      ["Actual", 100],
      ["Forecasted", 110],
    ].map((threshold) => [...threshold, true, group]);
    return [[budgets, d.expected.guarded ? [] : [[500, "2026-11-01T00:00:00Z", wanted]]]];
  }),
  policy("there are alerts, and a workbook", (d) => [
    [d.all("Microsoft.Insights/actionGroups").length, 1],
    [d.all("Microsoft.Insights/scheduledQueryRules").length > 0, true],
    [d.all("Microsoft.Insights/workbooks").length, 1],
  ]),
];

interface Notification {
  readonly enabled: boolean;
  readonly thresholdType: string;
  readonly threshold: number;
  readonly contactGroups: readonly string[];
}
