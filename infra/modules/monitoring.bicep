// Where everything is logged. Writing requires an identity; keys are off.

import { logs as logsType, tags as tagsType } from '../types.bicep'

@description('Name of the Log Analytics workspace.')
param workspaceName string

@description('Name of the Application Insights component.')
param applicationInsightsName string

@description('Azure region.')
param location string

@description('Tags of all resources.')
param tags tagsType

@description('Retention and limits.')
param logs logsType

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' = {
  name: workspaceName
  location: location
  tags: tags
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: logs.?retentionDays ?? 30
    workspaceCapping: {
      dailyQuotaGb: logs.?dailyQuotaGb ?? -1
    }
    features: {
      disableLocalAuth: true
      // Reading a log requires a role on the workspace or on the resource that wrote it.
      enableLogAccessUsingOnlyResourcePermissions: true
    }
  }
}

// Application Insights already stores its data in this workspace. A diagnostic setting would store it twice.
resource applicationInsights 'Microsoft.Insights/components@2020-02-02' = {
  name: applicationInsightsName
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    IngestionMode: 'LogAnalytics'
    // The connection string alone does not allow writing. That requires the app's identity: see roles.bicep.
    DisableLocalAuth: true
  }
}

// Logs who queried the logs.
resource workspaceDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-log-analytics'
  scope: workspace
  properties: {
    workspaceId: workspace.id
    logs: [
      {
        categoryGroup: 'audit'
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

@description('Resource id of the workspace.')
output workspaceId string = workspace.id

@description('Where telemetry is sent. Not a secret: telemetry without an identity is rejected.')
output applicationInsightsConnectionString string = applicationInsights.properties.ConnectionString
