// A private endpoint for one service of one resource.

import { tags as tagsType } from '../types.bicep'

@description('Name of the endpoint.')
param name string

@description('Azure region.')
param location string

@description('Tags of the endpoint.')
param tags tagsType

@description('Subnet of the endpoint.')
param subnetId string

@description('Resource that the endpoint connects to.')
param targetId string

@description('Service of that resource.')
param service 'blob' | 'table' | 'vault'

@description('Private DNS zone for the endpoint\'s name.')
param dnsZoneName string

resource dnsZone 'Microsoft.Network/privateDnsZones@2024-06-01' existing = {
  name: dnsZoneName
}

resource endpoint 'Microsoft.Network/privateEndpoints@2024-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: {
      id: subnetId
    }
    privateLinkServiceConnections: [
      {
        name: service
        properties: {
          privateLinkServiceId: targetId
          groupIds: [
            service
          ]
        }
      }
    ]
  }

  resource dnsZoneGroup 'privateDnsZoneGroups' = {
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        {
          name: service
          properties: {
            privateDnsZoneId: dnsZone.id
          }
        }
      ]
    }
  }
}
