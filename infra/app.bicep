// LKPS in one resource group: what `main.bicep` deploys there, and what docs/operations.md deploys from the portal.

import {
  access as accessType
  apiManagement as apiManagementType
  budget as budgetType
  callerIdentity as callerIdentityType
  color as colorType
  logs as logsType
  plan as planType
  privateNetwork as privateNetworkType
  serviceSettings
  tags as tagsType
} from 'types.bicep'

@minLength(2)
@maxLength(8)
@description('Name of the environment, such as np or prod, in lowercase letters and digits. It is part of every resource name.')
param environmentName string

@description('Azure region.')
param location string = resourceGroup().location

@description('LIVEKIT_URL: the address of the LiveKit server that clients connect to (wss://…).')
@minLength(6)
param liveKitUrl string

@description('LIVEKIT_API_KEY: the API key. It is not a secret.')
@minLength(1)
param liveKitApiKey string

@secure()
@description('LIVEKIT_API_SECRET: required for the first deployment and to change it. If empty, the secret in the vault stays.')
param liveKitApiSecret string = ''

@description('CALLER_IDENTITY: how LKPS identifies the caller.')
param callerIdentity callerIdentityType = 'gateway-header'

@description('Other settings of the service.')
param settings serviceSettings = {}

@description('Memory, scale and concurrency.')
param plan planType = {}

@description('Who may reach the app.')
param access accessType = {}

@description('A virtual network with private endpoints, or null for none.')
param privateNetwork privateNetworkType?

@description('What is logged, and for how long.')
param logs logsType = {}

@description('Redundancy of the storage account. Standard_GRS and Standard_GZRS keep a copy in another region.')
param storageSku ('Standard_LRS' | 'Standard_ZRS' | 'Standard_GRS' | 'Standard_GZRS') = 'Standard_LRS'

@description('Days for which a deleted vault can be recovered. Until then, its name is taken.')
@minValue(7)
@maxValue(90)
param vaultRetentionDays int = 90

@description('Addresses that alerts are mailed to. Without receivers, alerts only appear in the portal.')
param alertEmails string[] = []

@secure()
@description('Webhook that alerts are sent to, in the common alert schema. It often contains a key.')
param alertWebhook string = ''

@description('Whether Azure calls GET /api/health/ready from several places, once settings.publicBaseUrl is set. Each call is billed.')
param availabilityTest bool = false

@description('Budget of the resource group, or null for none.')
param budget budgetType?

@description('Whether the storage account and the vault have a lock against deletion.')
param deleteLocks bool = false

@description('Whether instances are replaced one after the other in an update (preview) instead of all at the same time.')
param rollingUpdates bool = false

@description('The app that is deployed. The other one, if any, stays as it is; both use the same tables, vault, and identity.')
param color colorType = 'blue'

@description('The app that the gateway calls.')
param liveColor colorType = 'blue'

@description('Azure API Management as the gateway, or null for none. Not possible in the first deployment, because the function key comes from the app.')
param apiManagement apiManagementType?

@description('Tags of all resources.')
param tags tagsType = {}

@description('Makes resource names globally unique. It is the same for every deployment to this resource group.')
var token = uniqueString(resourceGroup().id)

@description('Suffix of resource names.')
var suffix = toLower('lkps-${environmentName}-${token}')

@description('Resource names that several modules use. The abbreviations are those of the Cloud Adoption Framework.')
var names = {
  identity: 'id-${suffix}'
  workspace: 'log-${suffix}'
  applicationInsights: 'appi-${suffix}'
  // Names of storage accounts have only letters and digits, and at most 24 characters, like those of vaults.
  storageAccount: take(replace('st${suffix}', '-', ''), 24)
  vault: take('kv-${suffix}', 24)
  secret: 'livekit-api-secret'
}

// The host's id consists of the first 32 characters of the app's name. It must differ between apps, so the color comes early.
@description('Suffix of the resource names of each app.')
var appSuffixes = {
  blue: suffix
  green: toLower('lkps-${environmentName}-green-${token}')
}

@description('Container that packages of the app are deployed to.')
var deploymentContainerName = color == 'blue' ? 'packages' : 'packages-${color}'

@description('Whether storage and vault are reached through private endpoints.')
var isPrivate = privateNetwork != null

// Unlike an output of the module, this is known before the workspace exists: rules and workbook are named after it.
@description('Resource id of the Log Analytics workspace.')
var workspaceId = resourceId('Microsoft.OperationalInsights/workspaces', names.workspace)

module identity 'modules/identity.bicep' = {
  params: {
    name: names.identity
    location: location
    tags: tags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  params: {
    workspaceName: names.workspace
    applicationInsightsName: names.applicationInsights
    location: location
    tags: tags
    logs: logs
  }
}

module storage 'modules/storage.bicep' = {
  params: {
    name: names.storageAccount
    location: location
    tags: tags
    sku: storageSku
    deploymentContainerName: deploymentContainerName
    private: isPrivate
    deleteLock: deleteLocks
    workspaceId: monitoring.outputs.workspaceId
    logs: logs.?storage ?? ['StorageWrite', 'StorageDelete']
  }
}

module keyVault 'modules/key-vault.bicep' = {
  params: {
    name: names.vault
    secretName: names.secret
    location: location
    tags: tags
    liveKitApiSecret: liveKitApiSecret
    softDeleteRetentionInDays: vaultRetentionDays
    private: isPrivate
    deleteLock: deleteLocks
    workspaceId: monitoring.outputs.workspaceId
  }
}

module roles 'modules/roles.bicep' = {
  params: {
    identityName: names.identity
    storageAccountName: names.storageAccount
    applicationInsightsName: names.applicationInsights
    vaultName: names.vault
    secretName: names.secret
  }
  dependsOn: [
    identity
    storage
    monitoring
    keyVault
  ]
}

module network 'modules/private-network.bicep' = if (privateNetwork != null) {
  params: {
    nameSuffix: suffix
    location: location
    tags: tags
    network: privateNetwork!
    storageAccountId: storage.outputs.id
    vaultId: keyVault.outputs.id
    workspaceId: monitoring.outputs.workspaceId
  }
}

@description('The settings of the app: see docs/settings.md. TABLES_CONNECTION_STRING is for Azurite.')
var serviceAppSettings = {
  // Easy Auth reads Authorization: Bearer as the gateway's own token, so it cannot carry the caller's.
  CALLER_IDENTITY: access.?easyAuth == null || callerIdentity == 'gateway-header'
    ? callerIdentity
    : fail('access.easyAuth requires callerIdentity gateway-header.')
  // Empty counts as not set.
  PUBLIC_BASE_URL: settings.?publicBaseUrl ?? ''
  ENTRA_TENANT_ID: tenant().tenantId
  ENTRA_AUDIENCE: join(settings.?entraAudiences ?? [], ',')
  ENTRA_AUTHORITY_HOST: environment().authentication.loginEndpoint
  GRAPH_BASE_URL: settings.?graphBaseUrl ?? 'https://graph.microsoft.com'
  GRAPH_CACHE_SECONDS: string(settings.?graphCacheSeconds ?? 60)
  GRAPH_TIMEOUT_MS: string(settings.?graphTimeoutMs ?? 5000)
  GRAPH_READS_PER_CALLER: string(settings.?graphReadsPerCaller ?? 200)
  AZURE_CLIENT_ID: identity.outputs.clientId
  TABLES_ENDPOINT: storage.outputs.tableEndpoint
  AGENTS_TABLE: settings.?agentsTable ?? 'agents'
  SESSIONS_TABLE: settings.?sessionsTable ?? 'sessions'
  TABLES_TIMEOUT_MS: string(settings.?tablesTimeoutMs ?? 3000)
  SESSION_RETENTION_DAYS: string(settings.?sessionRetentionDays ?? 90)
  LIVEKIT_URL: liveKitUrl
  LIVEKIT_API_KEY: liveKitApiKey
  LIVEKIT_API_SECRET: '@Microsoft.KeyVault(SecretUri=${keyVault.outputs.secretUri})'
  // Empty counts as not set.
  LIVEKIT_API_URL: settings.?liveKitApiUrl ?? ''
  LIVE_SESSION_CHECK_SECONDS: string(settings.?liveSessionCheckSeconds ?? 60)
  // Empty counts as not set.
  CONSOLE_CLIENT_ID: empty(settings.?consoleClientId) || callerIdentity != 'gateway-header'
    ? settings.?consoleClientId ?? ''
    : fail('settings.consoleClientId requires a callerIdentity with access tokens.')
  SESSION_TOKEN_TTL_SECONDS: string(settings.?sessionTokenTtlSeconds ?? 600)
}

@description('The settings of the Functions host: its storage and Application Insights, both accessed with the app\'s identity.')
var hostAppSettings = {
  // The host buffers a whole body before the app sees it, without a key too: 1 MiB instead of 100 MB.
  FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '1048576'
  // GET / would be the platform's welcome page.
  AzureWebJobsDisableHomepage: 'true'
  AzureWebJobsStorage__blobServiceUri: storage.outputs.blobEndpoint
  AzureWebJobsStorage__tableServiceUri: storage.outputs.tableEndpoint
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identity.outputs.clientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: monitoring.outputs.applicationInsightsConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.outputs.clientId};Authorization=AAD'
}

module functionApp 'modules/function-app.bicep' = {
  params: {
    planName: 'asp-${appSuffixes[color]}'
    name: 'func-${appSuffixes[color]}'
    location: location
    tags: tags
    plan: plan
    rollingUpdates: rollingUpdates
    access: access
    identityName: names.identity
    deploymentContainerUrl: '${storage.outputs.blobEndpoint}${deploymentContainerName}'
    appSettings: union(serviceAppSettings, hostAppSettings)
    subnetId: network.?outputs.appSubnetId ?? ''
    workspaceId: monitoring.outputs.workspaceId
    functionAppLogs: logs.?functionAppLogs ?? true
  }
  // The platform opens the deployment container and resolves the secret as soon as the app exists.
  dependsOn: [
    roles
  ]
}

// Read from Azure, because the live app is not necessarily the one that is deployed. Without dependsOn, it would be read
// before this deployment has created it.
resource liveApp 'Microsoft.Web/sites@2025-03-01' existing = {
  name: 'func-${appSuffixes[liveColor]}'
  dependsOn: [
    functionApp
  ]
}

module alerts 'modules/alerts.bicep' = {
  params: {
    location: location
    tags: tags
    workspaceResourceId: workspaceId
    namePrefix: suffix
    emails: !startsWith(environmentName, 'prod') || !empty(alertEmails) || !empty(alertWebhook)
      ? alertEmails
      : fail('Production needs somebody to notify: set ALERT_EMAILS or ALERT_WEBHOOK.')
    webhook: alertWebhook
    dailyQuotaGb: logs.?dailyQuotaGb ?? -1
  }
  // A rule's query is checked against the tables when the rule is created, and Application Insights creates the tables.
  dependsOn: [
    monitoring
  ]
}

module platformAlerts 'modules/platform-alerts.bicep' = {
  params: {
    location: location
    tags: tags
    namePrefix: suffix
    vaultName: names.vault
    actionGroupId: alerts.outputs.actionGroupId
  }
  dependsOn: [
    keyVault
  ]
}

// Only where callers have an address: in a first deployment, there is nothing to call yet.
module availability 'modules/availability.bicep' = if (availabilityTest && !empty(settings.?publicBaseUrl)) {
  params: {
    location: location
    tags: tags
    name: 'ready-${suffix}'
    baseUrl: settings.publicBaseUrl!
    applicationInsightsName: names.applicationInsights
    actionGroupId: alerts.outputs.actionGroupId
  }
  dependsOn: [
    monitoring
  ]
}

module costs 'modules/budget.bicep' = if (budget != null) {
  params: {
    name: 'budget-${suffix}'
    budget: budget!
    emails: alertEmails
    actionGroupId: alerts.outputs.actionGroupId
  }
}

module workbook 'modules/workbook.bicep' = {
  params: {
    location: location
    tags: tags
    workspaceResourceId: workspaceId
    displayName: 'LKPS ${environmentName}'
  }
  dependsOn: [
    monitoring
  ]
}

module gateway 'modules/api-management.bicep' = if (apiManagement != null) {
  params: {
    name: 'apim-${suffix}'
    location: location
    tags: tags
    publisherEmail: apiManagement!.publisherEmail
    publisherName: apiManagement!.publisherName
    functionAppHostname: isPrivate
      ? fail('apiManagement requires a publicly reachable vault, so it cannot be combined with privateNetwork.')
      : liveApp.properties.defaultHostName
    vaultName: names.vault
    // The postdeploy hook puts it there. Each app has a key of its own.
    functionKeySecretName: 'lkps-function-key-${liveColor}'
    publicBaseUrl: settings.?publicBaseUrl ?? ''
    tenantId: tenant().tenantId
    audiences: apiManagement!.audiences
    corsOrigins: apiManagement!.?corsOrigins ?? []
    workspaceResourceId: workspaceId
  }
  dependsOn: [
    functionApp
  ]
}

@description('Address of the app.')
output url string = 'https://${functionApp.outputs.hostname}'

@description('Name of the function app.')
output functionAppName string = functionApp.outputs.name

@description('Name of the app that the gateway calls.')
output liveFunctionAppName string = 'func-${appSuffixes[liveColor]}'

@description('Name of the Log Analytics workspace.')
output workspaceName string = names.workspace

@description('Unique name of LKPS\'s own app registration.')
output registrationName string = suffix

@description('Object id of the app\'s identity, to which an admin grants Application.Read.All.')
output identityPrincipalId string = identity.outputs.principalId

@description('Name of the vault that holds the LiveKit secret.')
output vaultName string = names.vault

@description('Name of the storage account.')
output storageAccountName string = names.storageAccount
