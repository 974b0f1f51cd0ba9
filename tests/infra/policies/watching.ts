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
  "Microsoft.Insights/activityLogAlerts",
  // It has, but a failed delivery is all that they could show.
  "Microsoft.EventGrid/systemTopics",
  "Microsoft.EventGrid/systemTopics/eventSubscriptions",
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
  policy("Application Insights accepts no key, and stores its data in the workspace", (d) => {
    const { properties } = d.one("Microsoft.Insights/components");
    return [
      [properties.DisableLocalAuth, true],
      [properties.WorkspaceResourceId, d.workspace.id],
    ];
  }),
  policy("the workspace accepts no key", ({ workspace }) => [
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
  policy("every type of resource is listed as with or without diagnostics", (d) => {
    const known = (type: string) =>
      withDiagnostics.has(type) || withoutDiagnostics.some((each) => `${type}/`.startsWith(each));
    return [[d.resources.map(({ type }) => type).filter((type) => !known(type)), []]];
  }),
  policy("writes and deletes of blobs and tables are logged, and reads if the environment says so", (d) => {
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
    "the host's log is kept beside telemetry unless turned off, and Easy Auth's log if Easy Auth is on",
    (d) => {
      const setting = d
        .all("Microsoft.Insights/diagnosticSettings")
        .find(({ id }) => id.startsWith(`${d.app.id}/`));
      const wanted = d.expected.guarded ? ["AppServiceAuthenticationLogs"] : ["FunctionAppLogs"];
      return [[enabled(setting?.["properties"].logs, "category"), wanted]];
    },
  ),
  policy("there are alerts, and a workbook", (d) => [
    [d.all("Microsoft.Insights/actionGroups").length, 1],
    [d.all("Microsoft.Insights/scheduledQueryRules").length > 0, true],
    [d.all("Microsoft.Insights/workbooks").length, 1],
  ]),
];
