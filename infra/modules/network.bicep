// The optional virtual network: one subnet for the app's outbound traffic, one for the endpoints of storage and vault.

import { privateNetwork, tags as tagsType } from '../types.bicep'

@description('Name of the network.')
param name string

@description('Name of the network security group of both subnets.')
param securityGroupName string

@description('Azure region.')
param location string

@description('Tags of all resources.')
param tags tagsType

@description('Address ranges.')
param network privateNetwork

@description('Private DNS zones for the names of private endpoints.')
param dnsZoneNames string[]

@description('Log Analytics workspace.')
param workspaceId string

// Azure's default rules allow no inbound traffic from the internet.
resource securityGroup 'Microsoft.Network/networkSecurityGroups@2024-07-01' = {
  name: securityGroupName
  location: location
  tags: tags
}

resource virtualNetwork 'Microsoft.Network/virtualNetworks@2024-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: [
        network.addressPrefix
      ]
    }
  }

  resource appSubnet 'subnets' = {
    name: 'snet-app'
    properties: {
      addressPrefix: network.appSubnetPrefix
      networkSecurityGroup: {
        id: securityGroup.id
      }
      delegations: [
        {
          name: 'flex-consumption'
          properties: {
            // Flex Consumption's own; the other plans delegate to Microsoft.Web/serverFarms.
            serviceName: 'Microsoft.App/environments'
          }
        }
      ]
    }
  }

  resource endpointsSubnet 'subnets' = {
    name: 'snet-endpoints'
    properties: {
      addressPrefix: network.endpointsSubnetPrefix
      networkSecurityGroup: {
        id: securityGroup.id
      }
      privateEndpointNetworkPolicies: 'Enabled'
    }
    // Azure changes one subnet of a network at a time.
    dependsOn: [
      appSubnet
    ]
  }
}

resource dnsZones 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for zone in dnsZoneNames: {
    name: zone
    location: 'global'
    tags: tags
  }
]

resource dnsLinks 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (zone, index) in dnsZoneNames: {
    parent: dnsZones[index]
    name: name
    location: 'global'
    tags: tags
    properties: {
      registrationEnabled: false
      virtualNetwork: {
        id: virtualNetwork.id
      }
    }
  }
]

resource networkDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-log-analytics'
  scope: virtualNetwork
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

resource securityGroupDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-log-analytics'
  scope: securityGroup
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        categoryGroup: 'allLogs'
        enabled: true
      }
    ]
  }
}

@description('Subnet for the app\'s outbound traffic.')
output appSubnetId string = virtualNetwork::appSubnet.id

@description('Subnet of the private endpoints.')
output endpointsSubnetId string = virtualNetwork::endpointsSubnet.id
