import { members, policy } from "../policy.ts";

const container = "Microsoft.Storage/storageAccounts/blobServices/containers";
const secret = "Microsoft.KeyVault/vaults/secrets";

/** The storage account and the vault: what is stored, and who has access. */
export const dataPolicies = [
  policy(
    "the storage account takes identities only, over https with TLS 1.2, and shows and copies nothing",
    (d) => [
      ...members(d.storage, {
        allowSharedKeyAccess: false,
        defaultToOAuthAuthentication: true,
        isLocalUserEnabled: false,
        // Signatures end within a day.
        sasPolicy: { expirationAction: "Block", sasExpirationPeriod: "1.00:00:00" },
        minimumTlsVersion: "TLS1_2",
        supportsHttpsTrafficOnly: true,
        allowBlobPublicAccess: false,
        allowCrossTenantReplication: false,
      }),
      ...members(d.one(container), { publicAccess: "None" }),
    ],
  ),
  policy("deleted keys of the host can be recovered", (d) => {
    const { properties } = d.one("Microsoft.Storage/storageAccounts/blobServices");
    return [
      [properties.deleteRetentionPolicy, { enabled: true, days: 7 }],
      [properties.containerDeleteRetentionPolicy, { enabled: true, days: 7 }],
    ];
  }),
  policy("production's tables have a copy in another region", ({ storage, expected }) => [
    [storage["sku"].name, expected.environment === "prod" ? "Standard_GZRS" : "Standard_LRS"],
  ]),
  policy("production's storage account and vault have a lock against deletion", (d) => [
    [
      d
        .all("Microsoft.Authorization/locks")
        .map(({ id, properties }) => [id.split("/providers/Microsoft.Authorization/")[0], properties.level]),
      d.expected.environment === "prod" ? [d.storage, d.vault].map(({ id }) => [id, "CanNotDelete"]) : [],
    ],
  ]),
  policy("Azure roles decide who may read the vault, which can be recovered and not purged", (d) =>
    members(d.vault, {
      enableRbacAuthorization: true,
      accessPolicies: undefined,
      enablePurgeProtection: true,
      enableSoftDelete: true,
      softDeleteRetentionInDays: d.expected.environment === "np" ? 7 : 90,
    }),
  ),
  policy("the LiveKit secret is in the vault, and in no other resource", (d) => {
    const mentions = d.resources.filter((each) => JSON.stringify(each).includes("liveKitApiSecret"));
    return [[mentions.map(({ type }) => type), [secret]]];
  }),
  policy("a new secret expires in a year, and an alert comes before", (d) => {
    const { destination, filter } = d.one("Microsoft.EventGrid/systemTopics/eventSubscriptions")[
      "properties"
    ];
    return [
      [d.one(secret)["properties"].attributes, { exp: "[dateTimeToEpoch(dateTimeAdd(utcNow(), 'P1Y'))]" }],
      [d.one("Microsoft.EventGrid/systemTopics")["properties"].source, d.vault.id],
      [filter.includedEventTypes, ["Microsoft.KeyVault.SecretNearExpiry"]],
      [destination.endpointType, "MonitorAlert"],
      [destination.properties.actionGroups, [d.one("Microsoft.Insights/actionGroups").id]],
    ];
  }),
  policy("a deployment without a secret keeps the secret in the vault", (d) => [
    [d.one(secret)["condition"], "[not(empty(parameters('liveKitApiSecret')))]"],
  ]),
  policy("the app's setting refers to the secret in the vault without a version", (d) => {
    const setting = d.appSettings["LIVEKIT_API_SECRET"] ?? "";
    const name = d.one(secret).name.split("/").at(-1);
    return [
      [setting.startsWith("[format('@Microsoft.KeyVault(SecretUri={0})', format('{0}secrets/{1}', "), true],
      [setting.includes(`reference('${d.vault.id}'`) && setting.includes(").vaultUri"), true],
      [setting.endsWith(`, '${name}'))]`), true],
    ];
  }),
  policy("the platform reads the secret as the app's identity", (d) => [
    [d.app["properties"].keyVaultReferenceIdentity, d.identity.id],
  ]),
];
