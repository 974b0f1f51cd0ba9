// Azure calls GET /api/health/ready from several places, and an alert fires when two of them get no 200: what no log shows,
// such as an app that does not start, a certificate that expires, or a gateway that is down.

import { tags as tagsType } from '../types.bicep'

@description('Azure region.')
param location string

@description('Tags of all resources.')
param tags tagsType

@description('Name of the test and its alert.')
param name string

@description('Address that callers use.')
param baseUrl string

@description('Application Insights component that keeps the results.')
param applicationInsightsName string

@description('Action group to notify.')
param actionGroupId string

@description('Microsoft\'s names of the places: West Europe, North Europe, France Central, East US, Southeast Asia.')
var places = ['emea-nl-ams-azr', 'emea-gb-db3-azr', 'emea-fr-pra-edge', 'us-va-ash-azr', 'apac-sg-sin-azr']

resource applicationInsights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: applicationInsightsName
}

resource test 'Microsoft.Insights/webtests@2022-06-15' = {
  name: name
  location: location
  // The portal shows a test beside its component by this tag.
  tags: union(tags, { 'hidden-link:${applicationInsights.id}': 'Resource' })
  kind: 'standard'
  properties: {
    SyntheticMonitorId: name
    Name: name
    Description: 'GET /api/health/ready'
    Enabled: true
    Kind: 'standard'
    // Each place calls this often. Five places every ten minutes are 22,000 calls a month.
    Frequency: 600
    Timeout: 30
    RetryEnabled: true
    Locations: [for place in places: { Id: place }]
    Request: {
      RequestUrl: '${baseUrl}/api/health/ready'
      HttpVerb: 'GET'
      FollowRedirects: false
      ParseDependentRequests: false
    }
    ValidationRules: {
      ExpectedHttpStatusCode: 200
      SSLCheck: true
      SSLCertRemainingLifetimeCheck: 14
    }
  }
}

resource alert 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: name
  location: 'global'
  tags: tags
  properties: {
    description: 'GET /api/health/ready fails from two or more places. Look at its answer first, which names the dependency, then at the app\'s log stream.'
    severity: 1
    enabled: true
    scopes: [
      test.id
      applicationInsights.id
    ]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria'
      webTestId: test.id
      componentId: applicationInsights.id
      failedLocationCount: 2
    }
    autoMitigate: true
    actions: [
      {
        actionGroupId: actionGroupId
      }
    ]
  }
}
