// The Ocelot gateway for an LKPS that has been deployed, in a resource group of its own.

targetScope = 'subscription'

import { region, tags as tagsType } from '../../types.bicep'
import { backend, plan as planType } from 'types.bicep'

@minLength(2)
@maxLength(20)
@description('Name of the azd environment, such as gateway-np. It differs from that of LKPS, because azd finds deployments by it.')
param environmentName string

@description('Azure region.')
param location region

@description('App Service plan.')
param plan planType = {}

@description('The function app that callers reach.')
param live backend

@description('The other function app, while it is being released: a deployment slot of the gateway calls it. Null for none.')
param next backend?

@description('Resource group of LKPS, with the vault and the function apps.')
param lkpsResourceGroup string

@description('The vault of LKPS, with the function keys.')
param vaultName string

@description('The Log Analytics workspace of LKPS.')
param workspaceName string

@minLength(1)
@description('Audiences of access tokens for LKPS: the client id of its own app registration.')
param audiences string[]

@description('Address that callers use, for the type of problems; empty if not known.')
param publicBaseUrl string = ''

@description('Origins whose pages may call.')
param corsOrigins string[] = []

@description('Tags of all resources.')
param tags tagsType = {}

@description('The given tags, and the one by which azd finds the environment.')
var allTags = union({ 'azd-env-name': environmentName }, tags)

@description('Makes resource names globally unique.')
var suffix = toLower('lkps-${environmentName}-${uniqueString(subscription().id, environmentName, location)}')

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-lkps-${environmentName}-${location}'
  location: location
  tags: allTags
}

resource lkpsGroup 'Microsoft.Resources/resourceGroups@2025-04-01' existing = {
  name: lkpsResourceGroup
}

module identity '../../modules/identity.bicep' = {
  scope: group
  params: {
    name: 'id-${suffix}'
    location: location
    tags: allTags
  }
}

// In the group of LKPS, on one secret for each app: the gateway can read no other.
module keyReaders 'key-reader.bicep' = [
  for backend in concat([live], next == null ? [] : [next!]): {
    scope: lkpsGroup
    params: {
      vaultName: vaultName
      secretName: backend.keySecret
      identityName: 'id-${suffix}'
      principalId: identity.outputs.principalId
    }
  }
]

module gateway 'app.bicep' = {
  scope: group
  params: {
    planName: 'asp-${suffix}'
    name: 'app-${suffix}'
    location: location
    tags: allTags
    plan: plan
    identityName: 'id-${suffix}'
    live: live
    next: next
    lkpsResourceGroup: lkpsResourceGroup
    vaultName: vaultName
    workspaceId: resourceId(
      subscription().subscriptionId,
      lkpsResourceGroup,
      'Microsoft.OperationalInsights/workspaces',
      workspaceName
    )
    audiences: audiences
    publicBaseUrl: publicBaseUrl
    corsOrigins: corsOrigins
  }
  // The platform resolves the key as soon as the app exists.
  dependsOn: [
    keyReaders
  ]
}

// azd stores these in its environment, where azure.yaml and the smoke test read them.

@description('Resource group of the gateway.')
output GATEWAY_RESOURCE_GROUP string = group.name

@description('Name of the gateway.')
output GATEWAY_APP string = gateway.outputs.name

@description('Address that callers use.')
output GATEWAY_URL string = gateway.outputs.url

@description('Address of the slot that calls the next app; empty without one.')
output GATEWAY_NEXT_URL string = gateway.outputs.nextUrl
