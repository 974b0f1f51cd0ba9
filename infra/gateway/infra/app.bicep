// The gateway on App Service, and while another app of LKPS is being released, a deployment slot that calls that one.

import { tags as tagsType } from '../../types.bicep'
import { backend, plan as planType } from 'types.bicep'

@description('Name of the plan.')
param planName string

@description('Name of the gateway.')
param name string

@description('Azure region.')
param location string

@description('Tags of all resources.')
param tags tagsType

@description('App Service plan.')
param plan planType

@description('Name of the gateway\'s identity.')
param identityName string

@description('The function app that callers reach.')
param live backend

@description('The function app that is being released, or null.')
param next backend?

@description('Resource group of LKPS.')
param lkpsResourceGroup string

@description('The vault of LKPS.')
param vaultName string

@description('Log Analytics workspace.')
param workspaceId string

@description('Audiences of access tokens for LKPS.')
param audiences string[]

@description('Address that callers use; empty if not known.')
param publicBaseUrl string

@description('Origins whose pages may call.')
param corsOrigins string[]

@description('Size of the plan.')
var sku = plan.?sku ?? 'P0v3'

@description('Whether the plan has deployment slots, and there is an app to release.')
var hasSlot = next != null && !startsWith(sku, 'B')

@description('Entra ID of this cloud.')
var authority = environment().authentication.loginEndpoint

@description('The scheme of AccessToken.cs.')
var scheme = 'Authentication__Schemes__Bearer__'

@description('The audiences of v2 tokens and of v1 tokens.')
var allAudiences = union(
  audiences,
  map(audiences, audience => startsWith(audience, 'api://') ? audience : 'api://${audience}')
)

@description('The settings of the gateway that do not depend on the app that it calls: infra/gateway/appsettings.json.')
var commonSettings = union(
  {
    '${scheme}Authority': '${authority}${tenant().tenantId}/v2.0'
    '${scheme}ValidIssuers__0': '${authority}${tenant().tenantId}/v2.0'
    '${scheme}ValidIssuers__1': 'https://sts.windows.net/${tenant().tenantId}/'
    PUBLIC_BASE_URL: publicBaseUrl
    // A swap waits until the gateway reaches the other app.
    WEBSITE_SWAP_WARMUP_PING_PATH: '/api/health'
    WEBSITE_SWAP_WARMUP_PING_STATUSES: '200'
  },
  toObject(range(0, length(allAudiences)), index => '${scheme}ValidAudiences__${index}', index => allAudiences[index]),
  toObject(range(0, length(corsOrigins)), index => 'Cors__Origins__${index}', index => corsOrigins[index])
)

@description('The identity of the gateway and its slot.')
var identities = {
  type: 'UserAssigned'
  userAssignedIdentities: {
    '${identity.id}': {}
  }
}

@description('How the gateway and its slot are set up.')
var properties = {
  serverFarmId: hostingPlan.id
  httpsOnly: true
  clientAffinityEnabled: false
  keyVaultReferenceIdentity: identity.id
  siteConfig: {
    linuxFxVersion: 'DOTNETCORE|10.0'
    appCommandLine: 'dotnet Lkps.Gateway.dll'
    alwaysOn: true
    // Through the gateway to LKPS.
    healthCheckPath: '/api/health'
    http20Enabled: true
    minTlsVersion: '1.2'
    scmMinTlsVersion: '1.2'
    ftpsState: 'Disabled'
    remoteDebuggingEnabled: false
  }
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource liveApp 'Microsoft.Web/sites@2025-03-01' existing = {
  name: live.functionApp
  scope: resourceGroup(lkpsResourceGroup)
}

resource nextApp 'Microsoft.Web/sites@2025-03-01' existing = if (hasSlot) {
  name: next.?functionApp ?? live.functionApp
  scope: resourceGroup(lkpsResourceGroup)
}

resource hostingPlan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'linux'
  sku: {
    name: sku
    capacity: plan.?instances ?? 1
  }
  properties: {
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  // azd finds the app by this tag.
  tags: union(tags, { 'azd-service-name': 'gateway' })
  kind: 'app,linux'
  identity: identities
  properties: properties

  resource settings 'config' = {
    name: 'appsettings'
    properties: union(commonSettings, {
      LKPS_URL: 'https://${liveApp.properties.defaultHostName}'
      LKPS_FUNCTION_KEY: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=${live.keySecret})'
    })
  }

  // Deployment by user name and password is off. Other deployments require an Entra token.
  resource ftpCredentials 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: {
      allow: false
    }
  }

  resource scmCredentials 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: {
      allow: false
    }
  }
}

// None of its settings is sticky, so a swap exchanges the apps that the two call.
resource slot 'Microsoft.Web/sites/slots@2025-03-01' = if (hasSlot) {
  parent: app
  name: 'staging'
  location: location
  tags: tags
  kind: 'app,linux'
  identity: identities
  properties: properties

  resource settings 'config' = {
    name: 'appsettings'
    properties: union(commonSettings, {
      LKPS_URL: 'https://${nextApp!.properties.defaultHostName}'
      LKPS_FUNCTION_KEY: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=${next.?keySecret})'
    })
  }

  resource ftpCredentials 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: {
      allow: false
    }
  }

  resource scmCredentials 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: {
      allow: false
    }
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-log-analytics'
  scope: app
  properties: {
    workspaceId: workspaceId
    logs: [
      // What the gateway itself says. LKPS has a line for each decision, so requests are not logged a second time.
      for category in ['AppServiceConsoleLogs', 'AppServicePlatformLogs']: {
        category: category
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

resource planDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-log-analytics'
  scope: hostingPlan
  properties: {
    workspaceId: workspaceId
    metrics: [
      {
        category: 'AllMetrics'
        enabled: true
      }
    ]
  }
}

@description('Name of the gateway.')
output name string = app.name

@description('Address of the gateway.')
output url string = 'https://${app.properties.defaultHostName}'

@description('Address of the slot; empty without one.')
output nextUrl string = hasSlot ? 'https://${slot!.properties.defaultHostName}' : ''
