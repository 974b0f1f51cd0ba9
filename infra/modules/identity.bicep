// The one identity of the app. It is made before the app, so that its rights are there when the app first starts.

import { tags as tagsType } from '../types.bicep'

@description('Name of the identity.')
param name string

@description('Azure region.')
param location string

@description('Tags of the identity.')
param tags tagsType

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

@description('Client id: what the app asks tokens with.')
output clientId string = identity.properties.clientId

@description('Object id of the service principal: what rights are granted to.')
output principalId string = identity.properties.principalId
