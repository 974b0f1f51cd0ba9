// Where everything is logged. Neither takes a key: who writes must be somebody.

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

resource workspace 'Microsoft.OperationalInsights/workspaces@2026-03-01' = {
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
      // Reading a log takes a right on the workspace or on the resource that wrote it.
      enableLogAccessUsingOnlyResourcePermissions: true
    }
  }
}

// Application Insights keeps its data in this workspace already: a diagnostic setting of its own would store it twice.
resource applicationInsights 'Microsoft.Insights/components@2020-02-02' = {
  name: applicationInsightsName
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    IngestionMode: 'LogAnalytics'
    // The connection string alone writes nothing: the app's identity must be named with it, see roles.bicep.
    DisableLocalAuth: true
  }
}

// Who queried the logs.
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

@description('Where telemetry is sent to. No secret: without an identity it is refused.')
output applicationInsightsConnectionString string = applicationInsights.properties.ConnectionString
