import { policy } from "../policy.ts";

/** API versions of Azure Verified Modules in August 2026 (github.com/Azure/bicep-registry-modules, 9f9ea1a). */
const verified: Readonly<Record<string, string>> = {
  "Microsoft.Storage": "2025-06-01",
  "Microsoft.KeyVault": "2024-11-01",
  "Microsoft.ManagedIdentity": "2024-11-30",
  "Microsoft.OperationalInsights": "2025-07-01",
  "Microsoft.Web": "2025-03-01",
  "Microsoft.Network/privateDnsZones": "2024-06-01",
  "Microsoft.Network": "2025-05-01",
  "Microsoft.Authorization/locks": "2020-05-01",
  "Microsoft.Authorization/roleAssignments": "2022-04-01",
  "Microsoft.Consumption/budgets": "2023-11-01",
  "Microsoft.Insights/components": "2020-02-02",
  "Microsoft.Insights/diagnosticSettings": "2021-05-01-preview",
  "Microsoft.Insights/actionGroups": "2024-10-01-preview",
  "Microsoft.Insights/scheduledQueryRules": "2025-01-01-preview",
  "Microsoft.Insights/webtests": "2022-06-15",
  "Microsoft.Insights/metricAlerts": "2018-03-01",
  // No module of its own; the newest stable version.
  "Microsoft.Insights/activityLogAlerts": "2020-10-01",
  "Microsoft.EventGrid": "2025-02-15",
  "Microsoft.Insights/workbooks": "2023-06-01",
  "Microsoft.Resources/resourceGroups": "2025-04-01",
  "Microsoft.ApiManagement": "2024-05-01",
};

/** Of a newer version, regions and sovereign clouds may not know yet. */
export const versionPolicies = [
  policy("no API version is newer than that of Microsoft's own modules", (d) => {
    const newer = d.resources.filter(({ type, apiVersion }) => {
      const key = Object.keys(verified).find((each) => type.startsWith(each)) ?? "";
      return !(apiVersion <= (verified[key] ?? ""));
    });
    return [[newer.map(({ type, apiVersion }) => `${type}@${apiVersion}`), []]];
  }),
];
