// A budget of the resource group. It notifies at these shares of the amount; it stops nothing.

import { budget as budgetType } from '../types.bicep'

@description('Name of the budget.')
param name string

@description('Amount and start.')
param budget budgetType

@description('Mail addresses to notify, beside the action group.')
param emails string[]

@description('Action group to notify.')
param actionGroupId string

@description('Percentages of the amount: what was spent, and what the month is expected to cost.')
var thresholds = [
  {
    kind: 'Actual'
    percent: 50
  }
  {
    kind: 'Actual'
    percent: 90
  }
  {
    kind: 'Actual'
    percent: 100
  }
  {
    kind: 'Forecasted'
    percent: 110
  }
]

resource monthly 'Microsoft.Consumption/budgets@2023-11-01' = {
  name: name
  properties: {
    category: 'Cost'
    amount: budget.amount
    timeGrain: 'Monthly'
    timePeriod: {
      startDate: '${budget.startMonth}-01T00:00:00Z'
    }
    notifications: toObject(thresholds, each => '${each.kind}-${each.percent}', each => {
      enabled: true
      thresholdType: each.kind
      operator: 'GreaterThanOrEqualTo'
      threshold: each.percent
      contactEmails: emails
      contactGroups: [
        actionGroupId
      ]
    })
  }
}
