import type { Deployment } from "../deployment.ts";
import { policy } from "../policy.ts";

/** Azure's ids of the roles that the app's identity has. */
const roleNames: Readonly<Record<string, string>> = {
  "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3": "Storage Table Data Contributor",
  "ba92f5b4-2d11-453d-a403-e96b0029c9fe": "Storage Blob Data Contributor",
  "3913510d-42f4-4e42-8a64-420c390055eb": "Monitoring Metrics Publisher",
  "4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User",
};

/** Each role assignment of a deployment: the role, and the type of resource that it is on. */
export function roleAssignments(
  deployment: Deployment,
): { role: string; scope: string; principal: string }[] {
  return deployment.all("Microsoft.Authorization/roleAssignments").map(({ id, properties }) => ({
    role: roleNames[properties.roleDefinitionId.split("/").at(-1)] ?? properties.roleDefinitionId,
    scope: scopeOf(id),
    principal: properties.principalId,
  }));
}

/** `Microsoft.Storage/storageAccounts` of an assignment on an account. */
function scopeOf(assignmentId: string): string {
  const [scope = ""] = assignmentId.split("/providers/Microsoft.Authorization/");
  const [provider, ...segments] = scope.split("/providers/").at(-1)?.split("/") ?? [];
  return [provider, ...segments.filter((_, index) => index % 2 === 0)].join("/");
}

/** The rights of the app's identity in Azure. */
export const rolePolicies = [
  policy("the app's identity has four roles, each on one resource, and no other", (d) => [
    [
      roleAssignments(d).map(({ role, scope }) => `${role} on ${scope}`),
      [
        "Storage Table Data Contributor on Microsoft.Storage/storageAccounts",
        "Storage Blob Data Contributor on Microsoft.Storage/storageAccounts",
        "Monitoring Metrics Publisher on Microsoft.Insights/components",
        "Key Vault Secrets User on Microsoft.KeyVault/vaults/secrets",
      ],
    ],
  ]),
  policy("only the app's identity has roles", (d) => {
    const principals = new Set(roleAssignments(d).map(({ principal }) => principal));
    return [
      [[...principals], [`[reference('${d.identity.id}', '2024-11-30').principalId]`]],
      [
        d.all("Microsoft.Authorization/roleAssignments").map(({ properties }) => properties.principalType),
        Array(4).fill("ServicePrincipal"),
      ],
    ];
  }),
  policy(
    "an assignment's name is derived from its contents, so that no deployment creates a second one",
    (d) => {
      const names = d.all("Microsoft.Authorization/roleAssignments").map(({ name }) => name);
      return [
        [names.length, new Set(names).size],
        [names.every((name) => /^[0-9a-f-]{36}$/.test(name)), true],
      ];
    },
  ),
];
