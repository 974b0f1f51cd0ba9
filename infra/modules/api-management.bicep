// Azure API Management, Consumption tier, as the gateway in front of LKPS, for those who have none. Optional: nothing
// else refers to it. What its policies do, and why, is in docs/gateway.md.

import { tags as tagsType } from '../types.bicep'

@description('Azure region.')
param location string

@description('Tags of all resources.')
param tags tagsType

@description('Name of the instance: its address is https://NAME.azure-api.net.')
param name string

@description('Where the platform mails what operators must know.')
param publisherEmail string

@description('Who operates it, as callers are told.')
param publisherName string

@description('Host name of the function app.')
param functionAppHostname string

@description('Vault that keeps the function key. It must be reachable publicly: Consumption instances have no network.')
param vaultName string

@description('Secret in that vault with the function key of LKPS.')
param functionKeySecretName string

@description('The tenant whose access tokens count.')
param tenantId string

@description('Where the cloud\'s Entra ID is: https://login.microsoftonline.com/.')
param authorityHost string

@minLength(1)
@description('Audiences of access tokens for LKPS: its client id, and its application id URI if it hands out v1 tokens.')
param audiences string[]

@description('Origins of browsers that may call; without any there is no CORS.')
param corsOrigins string[]

@description('Resource id of the Log Analytics workspace.')
param workspaceResourceId string

@description('How each policy\'s inbound part begins: with CORS, which is to be the first.')
var inbound = '<inbound>${empty(corsOrigins) ? '' : cors}'

@description('CORS for these origins.')
var cors = replace(
  loadTextContent('../gateway/api-management-cors.xml'),
  '<origin>ORIGIN</origin>',
  join(map(corsOrigins, origin => '<origin>${origin}</origin>'), '')
)

@description('The API\'s policy, in which the tenant\'s authority and the audiences are filled in.')
var policy = replace(
  replace(
    replace(loadTextContent('../gateway/api-management.xml'), 'AUTHORITY', uri(authorityHost, tenantId)),
    '<audience>AUDIENCE</audience>',
    join(map(audiences, audience => '<audience>${audience}</audience>'), '')
  ),
  '<inbound>',
  inbound
)

@description('Every route of LKPS, and nothing else. HTTP answers HEAD wherever it answers GET. None has OPTIONS: preflights would be requests.')
var routes = flatten(map(
  loadJsonContent('../gateway/routes.json'),
  each => map(each.method == 'GET' ? ['GET', 'HEAD'] : [each.method], method => union(each, { method: method }))
))

@description('What needs a caller.')
var guardedRoutes = filter(routes, route => route.caller != 'none')

@description('What needs none.')
var anonymousRoutes = filter(routes, route => route.caller == 'none')

resource service 'Microsoft.ApiManagement/service@2024-05-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: 'Consumption'
    capacity: 0
  }
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    publisherEmail: publisherEmail
    publisherName: publisherName
    customProperties: {
      'Microsoft.WindowsAzure.ApiManagement.Gateway.Security.Protocols.Tls10': 'false'
      'Microsoft.WindowsAzure.ApiManagement.Gateway.Security.Protocols.Tls11': 'false'
      'Microsoft.WindowsAzure.ApiManagement.Gateway.Security.Backend.Protocols.Tls10': 'false'
      'Microsoft.WindowsAzure.ApiManagement.Gateway.Security.Backend.Protocols.Tls11': 'false'
    }
  }
}

resource vault 'Microsoft.KeyVault/vaults@2026-05-15' existing = {
  name: vaultName

  resource secret 'secrets' existing = {
    name: functionKeySecretName
  }
}

// Key Vault Secrets User on the one secret: the named value below reads it, and again every four hours.
resource functionKeyReader 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault::secret.id, service.id, roleDefinitions('Key Vault Secrets User').id)
  scope: vault::secret
  properties: {
    principalId: service.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: roleDefinitions('Key Vault Secrets User').id
  }
}

resource functionKey 'Microsoft.ApiManagement/service/namedValues@2024-05-01' = {
  parent: service
  name: 'lkps-function-key'
  properties: {
    displayName: 'lkps-function-key'
    secret: true
    keyVault: {
      // No version: a rotated key is taken up without a deployment.
      secretIdentifier: '${vault.properties.vaultUri}secrets/${functionKeySecretName}'
    }
  }
  dependsOn: [
    functionKeyReader
  ]
}

resource api 'Microsoft.ApiManagement/service/apis@2024-05-01' = {
  parent: service
  name: 'lkps'
  properties: {
    displayName: 'LKPS'
    path: ''
    protocols: [
      'https'
    ]
    serviceUrl: 'https://${functionAppHostname}'
    // Who calls is told by access tokens. A subscription's key would be one more secret, and say nothing.
    subscriptionRequired: false
  }
}

resource problem 'Microsoft.ApiManagement/service/policyFragments@2024-05-01' = {
  parent: service
  name: 'lkps-problem'
  properties: {
    description: 'The gateway\'s refusals as problems of RFC 9457'
    format: 'xml'
    value: loadTextContent('../gateway/api-management-problem.xml')
  }
}

resource apiPolicy 'Microsoft.ApiManagement/service/apis/policies@2024-05-01' = {
  parent: api
  name: 'policy'
  properties: {
    format: 'xml'
    value: policy
  }
  dependsOn: [
    functionKey
    problem
  ]
}

// Each after the policy, so that no operation is open for a moment.
resource operations 'Microsoft.ApiManagement/service/apis/operations@2024-05-01' = [
  for route in guardedRoutes: {
    parent: api
    name: toLower('${route.method}${replace(replace(replace(route.path, '/', '-'), '{', ''), '}', '')}')
    properties: {
      displayName: '${route.method} ${route.path}'
      method: route.method
      urlTemplate: route.path
      templateParameters: contains(route.path, '{session_id}')
        ? [
            {
              name: 'session_id'
              type: 'string'
              required: true
            }
          ]
        : []
    }
    dependsOn: [
      apiPolicy
    ]
  }
]

resource anonymousOperations 'Microsoft.ApiManagement/service/apis/operations@2024-05-01' = [
  for route in anonymousRoutes: {
    parent: api
    name: toLower('${route.method}${replace(route.path, '/', '-')}')
    properties: {
      displayName: '${route.method} ${route.path}'
      method: route.method
      urlTemplate: route.path
    }
    dependsOn: [
      apiPolicy
    ]
  }
]

resource anonymousPolicies 'Microsoft.ApiManagement/service/apis/operations/policies@2024-05-01' = [
  for (route, index) in anonymousRoutes: {
    parent: anonymousOperations[index]
    name: 'policy'
    properties: {
      format: 'xml'
      value: replace(loadTextContent('../gateway/api-management-anonymous.xml'), '<inbound>', inbound)
    }
  }
]

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-log-analytics'
  scope: service
  properties: {
    workspaceId: workspaceResourceId
    // The Consumption tier has no request logs; LKPS has its own line for each decision.
    metrics: [
      {
        category: 'AllMetrics'
        enabled: true
      }
    ]
  }
}

@description('Address that clients and agents call.')
output gatewayUrl string = service.properties.gatewayUrl
