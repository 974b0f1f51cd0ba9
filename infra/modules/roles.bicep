// The roles of the app's identity in Azure; docs/operations.md lists the calls that need them. An admin grants
// its only permission outside of Azure, Application.Read.All: see infra/graph.

@description('Name of the app\'s identity.')
param identityName string

@description('Name of the storage account.')
param storageAccountName string

@description('Name of the Application Insights component.')
param applicationInsightsName string

@description('Name of the vault.')
param vaultName string

@description('Name of the secret in it.')
param secretName string

@description('Built-in roles of Azure, the same in every subscription.')
var roleIds = {
  storageTableDataContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
  storageBlobDataContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
  monitoringMetricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb'
  keyVaultSecretsUser: '4633458b-17de-408a-b874-0445c86b69e6'
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource storage 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: storageAccountName
}

resource applicationInsights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: applicationInsightsName
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  name: vaultName

  resource secret 'secrets' existing = {
    name: secretName
  }
}

// Storage Table Data Contributor on the account and not on a table, because the app creates its tables. The host writes its
// diagnostic events with it as well.
resource tablesOfTheApp 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storage.id, identity.id, roleIds.storageTableDataContributor)
  scope: storage
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roleIds.storageTableDataContributor
    )
  }
}

// Storage Blob Data Contributor on the account, for the platform, not for LKPS's own code:
// - the Functions host (AzureWebJobsStorage): function keys in azure-webjobs-secrets, the timer's lease and the host's
//   locks in azure-webjobs-hosts. It creates these containers itself, and its health check lists containers, so the role
//   is on the account and not on a container.
// - Flex Consumption: writes the package to the deployment container, and each instance reads it from there.
// Microsoft's table names Storage Blob Data Owner, because "the runtime needs both read and write access to blobs and the
// ability to create containers" (MicrosoftDocs/azure-docs, includes/functions-azurewebjobsstorage-permissions.md).
// Contributor has both. Owner adds ACLs, ownership, tags, and the permanent deletion of what soft delete keeps, which would
// let a compromised app remove the function keys for good. If the host ever logs AuthorizationPermissionMismatch, assign
// Owner (b7e6dc6d-f1e8-4753-8033-0f276bb0955b) here.
resource blobsOfTheHost 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storage.id, identity.id, roleIds.storageBlobDataContributor)
  scope: storage
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roleIds.storageBlobDataContributor
    )
  }
}

// Monitoring Metrics Publisher on Application Insights: the host sends telemetry, the decisions of
// src/http/handler.ts among it, as this identity (APPLICATIONINSIGHTS_AUTHENTICATION_STRING). It reads nothing.
resource telemetry 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(applicationInsights.id, identity.id, roleIds.monitoringMetricsPublisher)
  scope: applicationInsights
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId(
      'Microsoft.Authorization/roleDefinitions',
      roleIds.monitoringMetricsPublisher
    )
  }
}

// Key Vault Secrets User on the one secret, not on its vault: the platform resolves the reference in LIVEKIT_API_SECRET,
// which src/adapters/livekit/participant-token-issuer.ts signs with.
resource liveKitSecret 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault::secret.id, identity.id, roleIds.keyVaultSecretsUser)
  scope: vault::secret
  properties: {
    principalId: identity.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleIds.keyVaultSecretsUser)
  }
}
