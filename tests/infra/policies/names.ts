import { policy } from "../policy.ts";

/** Abbreviations of the Cloud Adoption Framework, by type, and the longest name that Azure takes. */
const names: Readonly<Record<string, readonly [abbreviation: string, longest: number]>> = {
  "Microsoft.Resources/resourceGroups": ["rg-", 90],
  "Microsoft.ManagedIdentity/userAssignedIdentities": ["id-", 128],
  "Microsoft.OperationalInsights/workspaces": ["log-", 63],
  "Microsoft.Insights/components": ["appi-", 260],
  "Microsoft.Storage/storageAccounts": ["st", 24],
  "Microsoft.KeyVault/vaults": ["kv-", 24],
  "Microsoft.Web/serverfarms": ["asp-", 60],
  "Microsoft.Web/sites": ["func-", 60],
  "Microsoft.EventGrid/systemTopics": ["evgt-", 50],
  "Microsoft.Network/virtualNetworks": ["vnet-", 64],
  "Microsoft.Network/networkSecurityGroups": ["nsg-", 80],
  "Microsoft.Network/privateEndpoints": ["pep-", 64],
  "Microsoft.ApiManagement/service": ["apim-", 50],
};
/** Types without tags are parts of others. */
const isPart = (type: string) =>
  type.split("/").length > 2 || /diagnosticSettings|roleAssignments|locks|budgets/.test(type);

/** Names, places and tags. */
export const namePolicies = [
  policy("names begin with the Cloud Adoption Framework's abbreviations, and fit", (d) =>
    d.resources
      .filter(({ type }) => type in names)
      .map(({ type, name }) => {
        const [abbreviation, longest] = names[type] ?? ["", 0];
        return [name.startsWith(abbreviation) && name.length <= longest, true];
      }),
  ),
  policy("names contain the environment", (d) =>
    d.resources
      .filter(({ type }) => type in names)
      .map(({ name }) => [name.includes(d.expected.environment), true]),
  ),
  policy("everything is in the environment's region or global", (d) => [
    [
      [...new Set(d.resources.map(({ location }) => location ?? "global"))]
        .filter((location) => location !== "global")
        .sort(),
      ["westeurope"],
    ],
  ]),
  policy("everything that can have tags has the environment's tag for azd", (d) =>
    d.resources
      .filter(({ type }) => !isPart(type))
      .map(({ tags }) => [tags?.["azd-env-name"], d.expected.environment]),
  ),
  policy("azd finds the app by its tag", ({ app }) => [[app.tags?.["azd-service-name"], "lkps"]]),
];
