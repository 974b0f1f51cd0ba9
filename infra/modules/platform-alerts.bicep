// What only Azure knows: a resource that it finds unhealthy, an incident or a retirement of a service in the subscription, and
// a secret that expires within 30 days.

import { tags as tagsType } from '../types.bicep'

@description('Azure region.')
param location string

@description('Tags of all resources.')
param tags tagsType

@description('Prefix of the alerts\' names.')
param namePrefix string

@description('Name of the vault.')
param vaultName string

@description('Action group to notify.')
param actionGroupId string

@description('What both alerts do.')
var actions = {
  actionGroups: [
    {
      actionGroupId: actionGroupId
    }
  ]
}

resource resourceHealth 'Microsoft.Insights/activityLogAlerts@2020-10-01' = {
  name: '${namePrefix}-resource-health'
  location: 'global'
  tags: tags
  properties: {
    description: 'Azure itself has a problem with a resource of LKPS. The alert names it; its page Resource health says more.'
    enabled: true
    scopes: [
      resourceGroup().id
    ]
    condition: {
      allOf: [
        {
          field: 'category'
          equals: 'ResourceHealth'
        }
        {
          field: 'properties.cause'
          equals: 'PlatformInitiated'
        }
        {
          anyOf: [
            {
              field: 'properties.currentHealthStatus'
              equals: 'Unavailable'
            }
            {
              field: 'properties.currentHealthStatus'
              equals: 'Degraded'
            }
          ]
        }
      ]
    }
    actions: actions
  }
}

// Of all services that the subscription uses: a name that Azure writes differently would be an alert that never fires.
resource serviceHealth 'Microsoft.Insights/activityLogAlerts@2020-10-01' = {
  name: '${namePrefix}-service-health'
  location: 'global'
  tags: tags
  properties: {
    description: 'Azure reports an incident with a service that the subscription uses, or asks for something to be done. See Service Health in the portal.'
    enabled: true
    scopes: [
      subscription().id
    ]
    condition: {
      allOf: [
        {
          field: 'category'
          equals: 'ServiceHealth'
        }
        {
          anyOf: [
            {
              field: 'properties.incidentType'
              equals: 'Incident'
            }
            {
              field: 'properties.incidentType'
              equals: 'ActionRequired'
            }
          ]
        }
      ]
    }
    actions: actions
  }
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  name: vaultName
}

resource vaultEvents 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: 'evgt-${namePrefix}'
  location: location
  tags: tags
  properties: {
    source: vault.id
    topicType: 'Microsoft.KeyVault.vaults'
  }

  resource expiry 'eventSubscriptions' = {
    name: 'secret-expiry'
    properties: {
      // The only schema that an alert takes.
      eventDeliverySchema: 'CloudEventSchemaV1_0'
      filter: {
        includedEventTypes: [
          'Microsoft.KeyVault.SecretNearExpiry'
        ]
      }
      destination: {
        endpointType: 'MonitorAlert'
        properties: {
          severity: 'Sev2'
          description: 'A secret of LKPS expires within 30 days. LKPS goes on after that day; rotate the secret as docs/operations.md says.'
          actionGroups: [
            actionGroupId
          ]
        }
      }
    }
  }
}
