// The app's identity. It is created before the app, so that its roles are assigned when the app first starts.

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

@description('Client id, with which the app requests tokens.')
output clientId string = identity.properties.clientId

@description('Object id of the service principal, to which roles are assigned.')
output principalId string = identity.properties.principalId
