// Azure API Management, Consumption tier, as the gateway, if you have none. Optional: nothing else refers to it.
// docs/gateway.md explains its policies.

import { tags as tagsType } from '../types.bicep'

@description('Azure region.')
param location string

@description('Tags of all resources.')
param tags tagsType

@description('Name of the instance: its address is https://NAME.azure-api.net.')
param name string

@description('Mail address for notifications from the platform.')
param publisherEmail string

@description('Name of the publisher, which callers see.')
param publisherName string

@description('Host name of the function app.')
param functionAppHostname string

@description('Vault with the function key. It must be publicly reachable, because Consumption instances have no virtual network.')
param vaultName string

@description('Secret in that vault with the function key of LKPS.')
param functionKeySecretName string

@description('The tenant whose access tokens are accepted.')
param tenantId string

@minLength(1)
@description('Audiences of access tokens for LKPS: its client id, and its Application ID URI if tokens are v1.')
param audiences string[]

@description('Origins whose pages may call. Without any, there is no CORS policy.')
param corsOrigins string[]

@description('Address that callers use, for the type of problems; empty if not known.')
param publicBaseUrl string

@description('Resource id of the Log Analytics workspace.')
param workspaceResourceId string

@description('Beginning of each policy\'s inbound section. CORS must come first.')
var inbound = '<inbound>${empty(corsOrigins) ? '' : cors}'

@description('CORS for these origins.')
var cors = replace(
  loadTextContent('../gateway/api-management-cors.xml'),
  '<origin>ORIGIN</origin>',
  join(map(corsOrigins, origin => '<origin>${origin}</origin>'), '')
)

@description('Values of the placeholders in the API\'s policy.')
var placeholders = {
  TENANT_ID: tenantId
  // Set in the policy instead of the API or a backend, so that one write switches address and key to another app together.
  LKPS_HOST: functionAppHostname
  FUNCTION_KEY: functionKeySecretName
  '<audience>AUDIENCE</audience>': join(map(audiences, audience => '<audience>${audience}</audience>'), '')
  '<inbound>': inbound
}

@description('The API\'s policy.')
var policy = reduce(
  items(placeholders),
  loadTextContent('../gateway/api-management.xml'),
  (text, each) => replace(string(text), each.key, each.value)
)

@description('Every route of LKPS, and nothing else. HTTP answers HEAD wherever it answers GET. None has OPTIONS: preflights would be requests.')
var routes = flatten(map(
  loadJsonContent('../gateway/routes.json'),
  each => map(each.method == 'GET' ? ['GET', 'HEAD'] : [each.method], method => union(each, { method: method }))
))

@description('Routes that require a caller.')
var guardedRoutes = filter(routes, route => route.caller != 'none')

@description('Routes that require no caller.')
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
    // Older versions of the management API return secrets that newer ones don't.
    apiVersionConstraint: {
      minApiVersion: '2021-08-01'
    }
    // The Consumption tier takes no customProperties. TLS 1.0 and 1.1 are off without them.
  }
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  name: vaultName

  resource secret 'secrets' existing = {
    name: functionKeySecretName
  }
}

@description('Key Vault Secrets User, the same in every subscription.')
var keyVaultSecretsUser = '4633458b-17de-408a-b874-0445c86b69e6'

// On the one secret: the named value below reads it, and again every four hours.
resource functionKeyReader 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault::secret.id, service.id, keyVaultSecretsUser)
  scope: vault::secret
  properties: {
    principalId: service.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', keyVaultSecretsUser)
  }
}

resource functionKey 'Microsoft.ApiManagement/service/namedValues@2024-05-01' = {
  parent: service
  name: functionKeySecretName
  properties: {
    displayName: functionKeySecretName
    secret: true
    keyVault: {
      // Without a version, a rotated key is used without a deployment.
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
    // Access tokens identify callers. A subscription key would be one more secret, and prove nothing.
    subscriptionRequired: false
  }
}

resource problem 'Microsoft.ApiManagement/service/policyFragments@2024-05-01' = {
  parent: service
  name: 'lkps-problem'
  properties: {
    description: 'The gateway\'s own errors as problems of RFC 9457'
    format: 'xml'
    value: replace(loadTextContent('../gateway/api-management-problem.xml'), 'PUBLIC_BASE_URL', publicBaseUrl)
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

// Created after the policy, so that no operation is ever unprotected.
resource operations 'Microsoft.ApiManagement/service/apis/operations@2024-05-01' = [
  for route in guardedRoutes: {
    parent: api
    name: toLower('${route.method}${replace(replace(replace(route.path, '/', '-'), '{', ''), '}', '')}')
    properties: {
      displayName: '${route.method} ${route.path}'
      method: route.method
      urlTemplate: route.path
      // What stands between braces.
      templateParameters: [
        for part in skip(split(route.path, '{'), 1): {
          name: split(part, '}')[0]
          type: 'string'
          required: true
        }
      ]
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
