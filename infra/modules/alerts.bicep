// The alert rules. An alert fires for every row of its query. The queries and their thresholds are in infra/kql;
// docs/monitoring.md says what to check first.

import { tags as tagsType } from '../types.bicep'

@description('Azure region.')
param location string

@description('Tags of all resources.')
param tags tagsType

@description('Resource id of the workspace that Application Insights keeps its data in.')
param workspaceResourceId string

@description('Prefix of the alerts\' names.')
param namePrefix string

@description('Addresses that alerts are mailed to.')
param emails string[]

@secure()
@description('Webhook that alerts are sent to; empty for none.')
param webhook string

@description('Daily cap on logs in gigabytes; -1 for none.')
param dailyQuotaGb int

@description('Turns what LKPS logs into columns; precedes each query.')
var records = loadTextContent('../kql/records.kql')

@description('The alerts. Severity 1 affects all callers.')
var alerts = [
  {
    name: 'fast-burn'
    displayName: 'Session starts are failing'
    description: 'In the last hour, 1.44% of starts ended in a 5xx, 14.4 times as many as the objective of 99.9% allows. Check Failures by cause in the workbook first.'
    severity: 1
    query: '${records}${loadTextContent('../kql/alert-fast-burn.kql')}'
    evaluationFrequency: 'PT5M'
    windowSize: 'PT1H'
    queryTimeRange: null
    dimensions: []
  }
  {
    name: 'slow-burn'
    displayName: 'More session starts fail than the objective allows'
    description: 'In the last 6 hours, 0.6% of starts ended in a 5xx, 6 times as many as the objective of 99.9% allows. Check Failures by cause in the workbook first.'
    severity: 2
    query: '${records}${loadTextContent('../kql/alert-slow-burn.kql')}'
    evaluationFrequency: 'PT30M'
    windowSize: 'PT6H'
    queryTimeRange: null
    dimensions: []
  }
  {
    name: 'directory-access-denied'
    displayName: 'LKPS is not allowed to read applications in Entra'
    description: 'The managed identity or its permission Application.Read.All is gone. Run infra/graph/check.sh first.'
    severity: 1
    query: '${records}${loadTextContent('../kql/alert-directory-access-denied.kql')}'
    // Longer than the time between evaluations: a single line counts, and it can be minutes late.
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    queryTimeRange: null
    dimensions: []
  }
  {
    name: 'directory-unavailable'
    displayName: 'Entra does not answer LKPS'
    description: 'More than 10% of decisions failed because Microsoft Graph did not answer. Check Throttling in the workbook first, then the health of Microsoft Graph.'
    severity: 2
    query: '${records}${loadTextContent('../kql/alert-directory-unavailable.kql')}'
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    queryTimeRange: null
    dimensions: []
  }
  {
    name: 'denials-after-none'
    displayName: 'An agent denies clients that it used to accept'
    description: 'The app registration of the agent that the alert names was changed. Ask its owner first what GET /api/agent/authorization returns.'
    severity: 2
    query: '${records}${loadTextContent('../kql/alert-denials-after-none.kql')}'
    evaluationFrequency: 'PT15M'
    windowSize: 'PT1H'
    // The hour is compared with the day before it.
    queryTimeRange: 'P1D'
    dimensions: [
      {
        name: 'agent_entra_app_id'
        operator: 'Include'
        values: ['*']
      }
    ]
  }
  {
    name: 'agent-missing'
    displayName: 'An agent does not come to its sessions'
    description: 'In more than 10% of the last hour\'s sessions, the agent that the alert names did not join within 30 s of the participant. Ask its owner first whether a worker runs, and has room.'
    severity: 2
    query: '${records}${loadTextContent('../kql/alert-agent-missing.kql')}'
    evaluationFrequency: 'PT15M'
    windowSize: 'PT1H'
    // A session's start may be hours before its participant joins again.
    queryTimeRange: 'P1D'
    dimensions: [
      {
        name: 'agent_entra_app_id'
        operator: 'Include'
        values: ['*']
      }
    ]
  }
  {
    name: 'silence'
    displayName: 'LKPS logs nothing'
    description: 'No telemetry for two hours. Call GET /api/health first, then check whether the app may still write to Application Insights.'
    severity: 1
    query: loadTextContent('../kql/alert-silence.kql')
    evaluationFrequency: 'PT15M'
    windowSize: 'PT2H'
    // The last lines before the silence; the longest range that Azure allows.
    queryTimeRange: 'P2D'
    dimensions: []
  }
  {
    name: 'daily-cap'
    displayName: 'Logs are about to reach the daily cap'
    description: 'More than 80% of the daily cap was ingested in 24 hours. At the cap, LKPS works but records nothing. Raise logs.dailyQuotaGb, or find out who calls so often.'
    severity: 2
    query: replace(
      loadTextContent('../kql/alert-daily-cap.kql'),
      'daily_cap_gb = -1;',
      'daily_cap_gb = ${dailyQuotaGb};'
    )
    evaluationFrequency: 'PT30M'
    windowSize: 'P1D'
    queryTimeRange: null
    dimensions: []
  }
]

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${namePrefix}'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'lkps'
    enabled: true
    emailReceivers: [
      for (email, index) in emails: {
        name: 'email-${index}'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
    webhookReceivers: empty(webhook)
      ? []
      : [
          {
            name: 'webhook'
            serviceUri: webhook
            useCommonAlertSchema: true
          }
        ]
  }
}

resource rules 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for alert in alerts: {
    name: '${namePrefix}-${alert.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: alert.displayName
      description: alert.description
      severity: alert.severity
      enabled: true
      scopes: [
        workspaceResourceId
      ]
      evaluationFrequency: alert.evaluationFrequency
      windowSize: alert.windowSize
      overrideQueryTimeRange: alert.queryTimeRange
      criteria: {
        allOf: [
          {
            query: alert.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            dimensions: alert.dimensions
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      autoMitigate: true
      // A workspace without any telemetry may not have the table yet. The tests have already checked the queries.
      skipQueryValidation: true
      actions: {
        actionGroups: [
          actionGroup.id
        ]
      }
    }
  }
]

@description('Resource id of the action group, for alerts of your own.')
output actionGroupId string = actionGroup.id
