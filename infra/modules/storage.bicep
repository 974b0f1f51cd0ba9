// One storage account for the app's tables, the host's blobs, and the deployed package. Access by key is off.

import { storageLog, tags as tagsType } from '../types.bicep'

@description('Name of the storage account.')
param name string

@description('Azure region.')
param location string

@description('Tags of all resources.')
param tags tagsType

@description('Redundancy.')
param sku 'Standard_LRS' | 'Standard_ZRS' | 'Standard_GRS' | 'Standard_GZRS'

@description('Container that packages are deployed to.')
param deploymentContainerName string

@description('Whether the account is reachable only through private endpoints.')
param private bool

@description('Whether the account has a lock against deletion.')
param deleteLock bool

@description('Log Analytics workspace.')
param workspaceId string

@description('Which operations on the account are logged.')
param logs storageLog[]

@description('Metrics are exported for each of the account\'s services.')
var metrics = [
  {
    category: 'Transaction'
    enabled: true
  }
]

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: sku
  }
  properties: {
    allowSharedKeyAccess: false
    isLocalUserEnabled: false
    defaultToOAuthAuthentication: true
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    // A signature by a user's identity is still possible, and ends within a day.
    sasPolicy: {
      expirationAction: 'Block'
      sasExpirationPeriod: '1.00:00:00'
    }
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: private ? 'Disabled' : 'Enabled'
    networkAcls: {
      defaultAction: private ? 'Deny' : 'Allow'
      // Services that the platform trusts, such as the export of logs. They need a role like any other caller.
      bypass: 'AzureServices'
    }
  }
}

// Prevents the deletion of the account. Only the roles protect its contents.
resource lock 'Microsoft.Authorization/locks@2020-05-01' = if (deleteLock) {
  name: 'no-deletion'
  scope: account
  properties: {
    level: 'CanNotDelete'
    notes: 'Registrations and sessions are kept here.'
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2025-06-01' = {
  parent: account
  name: 'default'
  properties: {
    // Function keys are blobs. An accidental deletion can be undone for a week.
    deleteRetentionPolicy: {
      enabled: true
      days: 7
    }
    containerDeleteRetentionPolicy: {
      enabled: true
      days: 7
    }
  }
}

resource deploymentContainer 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = {
  parent: blobs
  name: deploymentContainerName
  properties: {
    publicAccess: 'None'
  }
}

// The app creates the tables on first use.
resource tables 'Microsoft.Storage/storageAccounts/tableServices@2025-06-01' = {
  parent: account
  name: 'default'
}

resource accountDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-log-analytics'
  scope: account
  properties: {
    workspaceId: workspaceId
    metrics: metrics
  }
}

resource blobDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-log-analytics'
  scope: blobs
  properties: {
    workspaceId: workspaceId
    logs: [
      for category in logs: {
        category: category
        enabled: true
      }
    ]
    metrics: metrics
  }
}

// Logs who changed a registration: a changed record can let clients in or keep them out.
resource tableDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-log-analytics'
  scope: tables
  properties: {
    workspaceId: workspaceId
    logs: [
      for category in logs: {
        category: category
        enabled: true
      }
    ]
    metrics: metrics
  }
}

@description('Resource id of the account.')
output id string = account.id

@description('Address of its blobs, with a slash at the end.')
output blobEndpoint string = account.properties.primaryEndpoints.blob

@description('Address of its tables, with a slash at the end.')
output tableEndpoint string = account.properties.primaryEndpoints.table
