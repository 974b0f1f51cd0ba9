// LKPS in a subscription: its resource group, and app.bicep in it. `azd up` and the workflows deploy this.

targetScope = 'subscription'

import {
  access as accessType
  apiManagement as apiManagementType
  budget as budgetType
  callerIdentity as callerIdentityType
  color as colorType
  logs as logsType
  plan as planType
  privateNetwork as privateNetworkType
  region
  serviceSettings
  tags as tagsType
} from 'types.bicep'

@minLength(2)
@maxLength(8)
@description('Name of the environment, such as np or prod, in lowercase letters and digits. It is part of every resource name.')
param environmentName string

@description('Azure region.')
param location region

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

@description('The given tags, and the one by which azd finds the environment.')
var allTags = union({ 'azd-env-name': environmentName }, tags)

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-lkps-${environmentName}-${location}'
  location: location
  tags: allTags
}

module lkps 'app.bicep' = {
  scope: group
  params: {
    environmentName: environmentName
    location: location
    liveKitUrl: liveKitUrl
    liveKitApiKey: liveKitApiKey
    liveKitApiSecret: liveKitApiSecret
    callerIdentity: callerIdentity
    settings: settings
    plan: plan
    access: access
    privateNetwork: privateNetwork
    logs: logs
    storageSku: storageSku
    vaultRetentionDays: vaultRetentionDays
    alertEmails: alertEmails
    alertWebhook: alertWebhook
    availabilityTest: availabilityTest
    budget: budget
    deleteLocks: deleteLocks
    rollingUpdates: rollingUpdates
    color: color
    liveColor: liveColor
    apiManagement: apiManagement
    tags: allTags
  }
}

// azd stores these in its environment, where the hooks in infra/hooks read them.

@description('Tenant of the deployment, in which the hooks expect az to be signed in.')
output AZURE_TENANT_ID string = tenant().tenantId

@description('Resource group of all resources.')
output AZURE_RESOURCE_GROUP string = group.name

@description('Name of the function app.')
output LKPS_FUNCTION_APP string = lkps.outputs.functionAppName

@description('Address of the app.')
output LKPS_URL string = lkps.outputs.url

@description('Resource group of all resources, under a name that another azd project can have too.')
output LKPS_RESOURCE_GROUP string = group.name

@description('Name of the app that the gateway calls.')
output LKPS_LIVE_FUNCTION_APP string = lkps.outputs.liveFunctionAppName

@description('Secret in the vault that the postdeploy hook stores the app\'s function key in.')
output LKPS_KEY_SECRET string = 'lkps-function-key-${color}'

@description('The same for the app that the gateway calls.')
output LKPS_LIVE_KEY_SECRET string = 'lkps-function-key-${liveColor}'

@description('Name of the Log Analytics workspace.')
output LKPS_WORKSPACE string = lkps.outputs.workspaceName

@description('How LKPS identifies callers.')
output LKPS_CALLER_IDENTITY string = callerIdentity

@description('Unique name of LKPS\'s own app registration, for infra/graph/registration.bicep.')
output LKPS_REGISTRATION_NAME string = lkps.outputs.registrationName

@description('Object id of the app\'s identity, to which an admin grants Application.Read.All.')
output LKPS_IDENTITY_PRINCIPAL_ID string = lkps.outputs.identityPrincipalId

@description('Name of the vault that holds the LiveKit secret.')
output LKPS_KEY_VAULT string = lkps.outputs.vaultName

@description('Name of the storage account.')
output LKPS_STORAGE_ACCOUNT string = lkps.outputs.storageAccountName
