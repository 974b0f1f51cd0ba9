// The virtual network with its private endpoints. Queues need none: the host of an app with only HTTP and timer triggers
// doesn't use them. Telemetry and Microsoft Graph are reached at their public addresses.

import { privateNetwork, tags as tagsType } from '../types.bicep'

@description('Suffix of all names.')
param nameSuffix string

@description('Azure region.')
param location string

@description('Tags of all resources.')
param tags tagsType

@description('Address ranges.')
param network privateNetwork

@description('Storage account to reach.')
param storageAccountId string

@description('Vault to reach.')
param vaultId string

@description('Log Analytics workspace.')
param workspaceId string

@description('The services to reach, each with the private DNS zone for its name.')
var targets = [
  {
    service: 'blob'
    id: storageAccountId
    dnsZone: 'privatelink.blob.${environment().suffixes.storage}'
  }
  {
    service: 'table'
    id: storageAccountId
    dnsZone: 'privatelink.table.${environment().suffixes.storage}'
  }
  {
    service: 'vault'
    id: vaultId
    // environment() says .vault.azure.net in the public cloud; the private zone is named vaultcore.
    dnsZone: 'privatelink${replace(environment().suffixes.keyvaultDns, '.vault.', '.vaultcore.')}'
  }
]

module vnet 'network.bicep' = {
  params: {
    name: 'vnet-${nameSuffix}'
    securityGroupName: 'nsg-${nameSuffix}'
    location: location
    tags: tags
    network: network
    dnsZoneNames: map(targets, target => target.dnsZone)
    workspaceId: workspaceId
  }
}

module endpoints 'private-endpoint.bicep' = [
  for target in targets: {
    params: {
      name: 'pep-${target.service}-${nameSuffix}'
      location: location
      tags: tags
      subnetId: vnet.outputs.endpointsSubnetId
      targetId: target.id
      service: target.service
      dnsZoneName: target.dnsZone
    }
  }
]

@description('Subnet for the app\'s outbound traffic.')
output appSubnetId string = vnet.outputs.appSubnetId
