import { policy } from "../policy.ts";

const container = "Microsoft.Storage/storageAccounts/blobServices/containers";
const secret = "Microsoft.KeyVault/vaults/secrets";

/** The storage account and the vault: what is stored, and who has access. */
export const dataPolicies = [
  policy("access to the storage account by key is off", ({ storage }) => [
    [storage["properties"].allowSharedKeyAccess, false],
  ]),
  policy("the storage account has no local users, and signatures end within a day", ({ storage }) => [
    [storage["properties"].isLocalUserEnabled, false],
    [storage["properties"].sasPolicy, { expirationAction: "Block", sasExpirationPeriod: "1.00:00:00" }],
  ]),
  policy("the storage account uses identities by default", ({ storage }) => [
    [storage["properties"].defaultToOAuthAuthentication, true],
  ]),
  policy("no blob is public", (d) => [
    [d.storage["properties"].allowBlobPublicAccess, false],
    [d.one(container)["properties"].publicAccess, "None"],
  ]),
  policy("the storage account requires TLS 1.2 or newer", ({ storage }) => [
    [storage["properties"].minimumTlsVersion, "TLS1_2"],
  ]),
  policy("the storage account answers over https only", ({ storage }) => [
    [storage["properties"].supportsHttpsTrafficOnly, true],
  ]),
  policy("nothing is replicated to another tenant", ({ storage }) => [
    [storage["properties"].allowCrossTenantReplication, false],
  ]),
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
  policy("Azure roles decide who may read the vault", ({ vault }) => [
    [vault["properties"].enableRbacAuthorization, true],
    [vault["properties"].accessPolicies, undefined],
  ]),
  policy("the vault cannot be purged", ({ vault }) => [[vault["properties"].enablePurgeProtection, true]]),
  policy("a deleted vault can be recovered", ({ vault, expected }) => [
    [vault["properties"].enableSoftDelete, true],
    [vault["properties"].softDeleteRetentionInDays, expected.environment === "np" ? 7 : 90],
  ]),
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
