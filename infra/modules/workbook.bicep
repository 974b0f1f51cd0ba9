// The workbook for operators. Its queries are in infra/kql.

import { tags as tagsType } from '../types.bicep'

@description('Azure region.')
param location string

@description('Tags of all resources.')
param tags tagsType

@description('Resource id of the workspace that Application Insights keeps its data in.')
param workspaceResourceId string

@description('Name of the workbook in the portal.')
param displayName string

@description('Precedes each query: sets the step of the time axis, and turns what LKPS logs into columns.')
var preamble = 'let grain = {TimeRange:grain};\n${loadTextContent('../kql/records.kql')}'

@description('The sections, from top to bottom; width is in percent.')
var sections = [
  {
    name: 'starts-by-outcome'
    title: 'Session starts by outcome'
    query: loadTextContent('../kql/starts-by-outcome.kql')
    visualization: 'timechart'
    width: '50'
  }
  {
    name: 'throttling'
    title: 'Throttling: retried Graph reads and 503 answers'
    query: loadTextContent('../kql/throttling.kql')
    visualization: 'timechart'
    width: '50'
  }
  {
    name: 'starts-by-agent'
    title: 'Sessions by agent'
    query: loadTextContent('../kql/starts-by-agent.kql')
    visualization: 'table'
    width: '100'
  }
  {
    name: 'live-sessions'
    title: 'What became of sessions: joined, agents that came late, ended by LKPS'
    query: loadTextContent('../kql/live-sessions.kql')
    visualization: 'table'
    width: '100'
  }
  {
    name: 'denials-by-check'
    title: 'Denials by check'
    query: loadTextContent('../kql/denials-by-check.kql')
    visualization: 'table'
    width: '50'
  }
  {
    name: 'denials-by-pair'
    title: 'Denials by client and agent'
    query: loadTextContent('../kql/denials-by-pair.kql')
    visualization: 'table'
    width: '50'
  }
  {
    name: 'failures-by-cause'
    title: 'Failures by cause'
    query: loadTextContent('../kql/failures-by-cause.kql')
    visualization: 'table'
    width: '100'
  }
  {
    name: 'latency-over-time'
    title: 'Latency of session starts, 95th percentile in milliseconds'
    query: loadTextContent('../kql/latency-over-time.kql')
    visualization: 'timechart'
    width: '100'
  }
  {
    name: 'latency'
    title: 'Latency in milliseconds: Graph, tables, LKPS itself'
    query: loadTextContent('../kql/latency.kql')
    visualization: 'table'
    width: '100'
  }
  {
    name: 'cost-drivers'
    title: 'Cost drivers: starts, Graph reads, table operations'
    query: loadTextContent('../kql/cost-drivers.kql')
    visualization: 'table'
    width: '50'
  }
  {
    name: 'log-volume'
    title: 'Cost drivers: gigabytes of logs by table and day'
    query: loadTextContent('../kql/log-volume.kql')
    visualization: 'barchart'
    width: '50'
  }
]

@description('Lets the reader choose the time range.')
var timeRange = {
  type: 9
  name: 'parameters'
  content: {
    version: 'KqlParameterItem/1.0'
    style: 'pills'
    parameters: [
      {
        id: guid('TimeRange')
        version: 'KqlParameterItem/1.0'
        name: 'TimeRange'
        label: 'Time'
        type: 4
        isRequired: true
        value: {
          durationMs: 86400000
        }
        typeSettings: {
          allowCustom: true
          selectableValues: map([1, 4, 24, 72, 168, 720], hours => {
            durationMs: hours * 3600000
          })
        }
      }
    ]
  }
}

@description('One chart for each section.')
var charts = map(sections, section => {
  type: 3
  name: section.name
  customWidth: section.width
  content: {
    version: 'KqlItem/1.0'
    title: section.title
    query: '${preamble}${section.query}'
    size: 0
    timeContextFromParameter: 'TimeRange'
    queryType: 0
    resourceType: 'microsoft.operationalinsights/workspaces'
    visualization: section.visualization
  }
})

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(workspaceResourceId, displayName)
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: displayName
    category: 'workbook'
    sourceId: workspaceResourceId
    serializedData: string({
      version: 'Notebook/1.0'
      items: concat([timeRange], charts)
      fallbackResourceIds: [
        workspaceResourceId
      ]
    })
  }
}
