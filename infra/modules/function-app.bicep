// The app on Flex Consumption: pay per call, no secret in its settings, reached over TLS only.

import { access as accessType, plan as planType, tags as tagsType } from '../types.bicep'

@description('Name of the plan.')
param planName string

@description('Name of the app.')
param name string

@description('Azure region.')
param location string

@description('Tags of all resources.')
param tags tagsType

@description('Memory, scale and concurrency.')
param plan planType

@description('Whether instances are replaced one after the other in an update.')
param rollingUpdates bool

@description('Who may reach the app.')
param access accessType

@description('Name of the app\'s identity.')
param identityName string

@description('Address of the container that packages are deployed to.')
param deploymentContainerUrl string

@description('App settings by name.')
param appSettings settings

@description('Subnet for the app\'s outbound traffic; empty without a virtual network.')
param subnetId string

@description('Log Analytics workspace.')
param workspaceId string

@description('Whether the host\'s own log is kept beside Application Insights.')
param functionAppLogs bool

@description('App settings: text by name.')
type settings = {
  @description('Value of a setting, by its name.')
  *: string
}

@description('Easy Auth, if configured.')
var easyAuth = access.?easyAuth

@description('Addresses of the gateway, if only the gateway may call.')
var gatewayAddresses = access.?gatewayAddresses ?? []

@description('Origins whose pages may call.')
var corsOrigins = access.?corsOrigins ?? []

@description('Always-ready instances.')
var alwaysReadyInstances = plan.?alwaysReadyInstances ?? 0

@description('Whether instances run in several availability zones.')
var zoneRedundant = plan.?zoneRedundant ?? false

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource hostingPlan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    // Linux.
    reserved: true
    zoneRedundant: zoneRedundant
  }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  // azd finds the app by this tag.
  tags: union(tags, { 'azd-service-name': 'lkps' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
    }
  }
  properties: {
    serverFarmId: hostingPlan.id
    httpsOnly: true
    // Without this, the platform resolves the secret with a system-assigned identity, which the app does not have.
    keyVaultReferenceIdentity: identity.id
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: {
      runtime: {
        name: 'node'
        version: plan.?nodeVersion ?? '24'
      }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: deploymentContainerUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identity.id
          }
        }
      }
      scaleAndConcurrency: {
        instanceMemoryMB: plan.?instanceMemoryMB ?? 2048
        maximumInstanceCount: plan.?maximumInstanceCount ?? 40
        alwaysReady: alwaysReadyInstances == 0
          ? []
          : [
              {
                name: 'http'
                instanceCount: zoneRedundant && alwaysReadyInstances == 1
                  ? fail('With zoneRedundant, plan.alwaysReadyInstances must be 0 or at least 2.')
                  : alwaysReadyInstances
              }
            ]
        triggers: plan.?httpConcurrency == null
          ? null
          : {
              http: {
                perInstanceConcurrency: plan.?httpConcurrency
              }
            }
      }
      // Left out by default, because only some regions have the preview. The compiler's types lack the property, hence
      // the computed name: https://learn.microsoft.com/azure/azure-functions/flex-consumption-site-updates
      ...toObject(rollingUpdates ? ['siteUpdateStrategy'] : [], name => name, name => { type: 'RollingUpdate' })
    }
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      http20Enabled: true
      remoteDebuggingEnabled: false
      cors: empty(corsOrigins) ? null : { allowedOrigins: corsOrigins }
      ipSecurityRestrictionsDefaultAction: empty(gatewayAddresses) ? 'Allow' : 'Deny'
      ipSecurityRestrictions: [
        for (address, index) in gatewayAddresses: {
          name: 'gateway-${index}'
          description: 'The gateway'
          action: 'Allow'
          priority: 100 + index
          ipAddress: address
        }
      ]
      // Deployments don't come from the gateway's addresses; their token authenticates them.
      scmIpSecurityRestrictionsUseMain: false
    }
  }

  resource appSettingsConfig 'config' = {
    name: 'appsettings'
    properties: appSettings
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

resource authentication 'Microsoft.Web/sites/config@2025-03-01' = if (easyAuth != null) {
  parent: app
  name: 'authsettingsV2'
  properties: {
    platform: {
      enabled: true
      runtimeVersion: '~1'
    }
    globalValidation: {
      requireAuthentication: true
      unauthenticatedClientAction: 'Return401'
      // Routes that are anonymous in every mode: health, docs, metadata.
      excludedPaths: [
        '/api/health'
        '/api/health/ready'
        '/api/docs'
        '/api/openapi.json'
        '/.well-known/authzen-configuration'
      ]
    }
    identityProviders: {
      azureActiveDirectory: {
        enabled: true
        registration: {
          clientId: easyAuth!.clientId
          openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
        }
        validation: {
          allowedAudiences: easyAuth.?allowedAudiences ?? [easyAuth!.clientId, 'api://${easyAuth!.clientId}']
          defaultAuthorizationPolicy: {
            // Without this list, any application of the tenant may call.
            allowedApplications: easyAuth!.allowedApplications
          }
        }
      }
    }
    login: {
      tokenStore: {
        enabled: false
      }
    }
    httpSettings: {
      requireHttps: true
    }
  }
}

resource appDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-log-analytics'
  scope: app
  properties: {
    workspaceId: workspaceId
    logs: concat(
      [
        {
          category: 'FunctionAppLogs'
          enabled: functionAppLogs
        }
      ],
      easyAuth == null
        ? []
        : [
            {
              category: 'AppServiceAuthenticationLogs'
              enabled: true
            }
          ]
    )
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

@description('Name of the app.')
output name string = app.name

@description('Host name of the app.')
output hostname string = app.properties.defaultHostName
