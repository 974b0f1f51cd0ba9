// The vault with the only secret of LKPS, which signs participant tokens.

import { tags as tagsType } from '../types.bicep'

@description('Name of the vault.')
param name string

@description('Azure region.')
param location string

@description('Tags of all resources.')
param tags tagsType

@description('Name of the secret.')
param secretName string

@secure()
@description('LIVEKIT_API_SECRET; empty to keep the secret in the vault.')
param liveKitApiSecret string

@description('Days for which a deleted vault or secret can be recovered. Until then, its name is taken.')
@minValue(7)
@maxValue(90)
param softDeleteRetentionInDays int

@description('Whether the vault is reachable only through a private endpoint.')
param private bool

@description('Whether the vault has a lock against deletion.')
param deleteLock bool

@description('Time of the deployment, from which a new secret is to be replaced within a year.')
param now string = utcNow()

@description('Log Analytics workspace.')
param workspaceId string

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: softDeleteRetentionInDays
    enablePurgeProtection: true
    publicNetworkAccess: private ? 'Disabled' : 'Enabled'
    networkAcls: {
      defaultAction: private ? 'Deny' : 'Allow'
      // Resource Manager, which writes the secret below, is such a service.
      bypass: 'AzureServices'
    }
  }
}

resource lock 'Microsoft.Authorization/locks@2020-05-01' = if (deleteLock) {
  name: 'no-deletion'
  scope: vault
  properties: {
    level: 'CanNotDelete'
    notes: 'No session can start without the LiveKit secret.'
  }
}

resource secret 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = if (!empty(liveKitApiSecret)) {
  parent: vault
  name: secretName
  properties: {
    // The strength of HMAC-SHA-256 depends on the length of its key.
    value: empty(liveKitApiSecret) || length(liveKitApiSecret) >= 32
      ? liveKitApiSecret
      : fail('LIVEKIT_API_SECRET must have at least 32 characters.')
    contentType: 'LIVEKIT_API_SECRET'
    attributes: {
      // A reminder, by the alert in platform-alerts.bicep: Key Vault still returns a secret that has expired.
      exp: dateTimeToEpoch(dateTimeAdd(now, 'P1Y'))
    }
  }
}

// Logs who read the secret, and when.
resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-log-analytics'
  scope: vault
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        categoryGroup: 'allLogs'
        enabled: true
      }
    ]
    metrics: [
      {
        category: 'AllMetrics'
        enabled: true
      }
    ]
  }
}

@description('Resource id of the vault.')
output id string = vault.id

@description('Address of the secret without a version: a new version is used without a deployment.')
output secretUri string = '${vault.properties.vaultUri}secrets/${secretName}'
