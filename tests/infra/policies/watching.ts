import type { Resource } from "../deployment.ts";
import { members, policy } from "../policy.ts";

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
  policy(
    "Application Insights and the workspace accept no key, and keep logs as the environment says",
    (d) => [
      ...members(d.one("Microsoft.Insights/components"), {
        DisableLocalAuth: true,
        WorkspaceResourceId: d.workspace.id,
      }),
      ...members(d.workspace, {
        "features.disableLocalAuth": true,
        retentionInDays: d.expected.environment === "prod" ? 90 : 30,
        "workspaceCapping.dailyQuotaGb": { np: 1, prod: 30 }[d.expected.environment] ?? -1,
      }),
    ],
  ),
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
  policy("of each that has more than one kind of log, those are kept that the environment wants", (d) => {
    const { guarded } = d.expected;
    const storage = [...(guarded ? ["StorageRead"] : []), "StorageWrite", "StorageDelete"];
    const kinds: [place: string, key: string, wanted: string[]][] = [
      [`${d.storage.id}/blobServices/default/`, "category", storage],
      [`${d.storage.id}/tableServices/default/`, "category", storage],
      [`${d.vault.id}/`, "categoryGroup", ["allLogs"]],
      // The host's log beside telemetry, unless it is turned off, and Easy Auth's where that is on.
      [`${d.app.id}/`, "category", [guarded ? "AppServiceAuthenticationLogs" : "FunctionAppLogs"]],
    ];
    const settings = d.all("Microsoft.Insights/diagnosticSettings");
    return kinds.map(([place, key, wanted]) => {
      const setting = settings.find(({ id }) => id.startsWith(place));
      return [enabled(setting?.["properties"].logs, key), wanted];
    });
  }),
  policy("there are alerts, and a workbook", (d) => [
    [d.all("Microsoft.Insights/actionGroups").length, 1],
    [d.all("Microsoft.Insights/scheduledQueryRules").length > 0, true],
    [d.all("Microsoft.Insights/workbooks").length, 1],
  ]),
];
