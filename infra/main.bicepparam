// The parameters of every environment: azd and the workflows read this file. The values come from environment variables,
// which azd keeps for you (`azd env set NAME VALUE`). Only LIVEKIT_API_SECRET belongs in your shell and nowhere else.
//
// | variable | |
// |---|---|
// | AZURE_ENV_NAME | the environment, np or prod; azd sets it. Default: np |
// | AZURE_LOCATION | the region; azd sets it. Default: westeurope |
// | LIVEKIT_URL, LIVEKIT_API_KEY | required |
// | LIVEKIT_API_SECRET | for the first deployment and to change it. The vault stores it |
// | LIVEKIT_API_URL | where LiveKit's server API responds, if not at LIVEKIT_URL |
// | CALLER_IDENTITY | how LKPS identifies callers. Default: gateway-header |
// | ENTRA_AUDIENCE | the client id of LKPS's own app registration; several audiences are separated by commas |
// | CONSOLE_CLIENT_ID | the client id of the console's app registration; turns the console on. Default: off |
// | PUBLIC_BASE_URL | the address that callers use: the gateway's, or the app's own without one |
// | CORS_ORIGINS | origins whose pages may call, separated by commas. Default: none |
// | API_MANAGEMENT_EMAIL | an address, to create API Management as the gateway, once the app has been deployed |
// | ALERT_EMAILS, ALERT_WEBHOOK | who is notified: addresses separated by commas, an https address. prod requires one of the two, and so does every name that starts like it |
// | MONTHLY_BUDGET, BUDGET_START | amount in the subscription's currency, and the month in which you set it (2026-11) |
// | ROLLING_UPDATES | true for updates without downtime, a preview of the platform. Default: false |
// | LKPS_COLOR | the app to deploy: blue, or green beside it, with the same tables, vault, and identity. Default: blue |
// | LKPS_LIVE_COLOR | the app that the gateway calls; required with LKPS_COLOR. Default: blue |
//
// To change anything else, add it to the environment below: types.bicep describes every parameter. To add an environment,
// add a member. Its name has 2 to 8 lowercase letters and digits, because names of storage accounts are short.

using 'main.bicep'
import { listOf, regionsWithoutGzrs } from 'types.bicep'

@description('The default parameters of an environment.')
var defaults = {
  settings: {}
  access: {}
  privateNetwork: null
  storageSku: 'Standard_LRS'
  deleteLocks: false
  availabilityTest: false
}

@description('The environments.')
var environments = {
  // Non-production: small instances, short retention, low cost.
  np: {
    plan: {
      instanceMemoryMB: 512
      maximumInstanceCount: 40
    }
    logs: {
      retentionDays: 30
      dailyQuotaGb: 1
    }
    // After you delete a vault to start over, its name is taken for only a week.
    vaultRetentionDays: 7
  }
  // Production: tables replicated across zones and to another region, longer retention, and protection against deletion.
  prod: {
    plan: {
      instanceMemoryMB: 2048
      maximumInstanceCount: 100
    }
    logs: {
      retentionDays: 90
      // 73 million sessions a month write so many logs; with LiveKit's webhooks, 11 million do.
      dailyQuotaGb: 30
    }
    vaultRetentionDays: 90
    storageSku: 'Standard_GZRS'
    deleteLocks: true
    availabilityTest: true
  }
}

@description('The variables. An empty one counts as not set.')
var variables = {
  environment: readEnvironmentVariable('AZURE_ENV_NAME', '')
  location: readEnvironmentVariable('AZURE_LOCATION', '')
  callerIdentity: readEnvironmentVariable('CALLER_IDENTITY', '')
  audience: readEnvironmentVariable('ENTRA_AUDIENCE', '')
  liveKitApiUrl: readEnvironmentVariable('LIVEKIT_API_URL', '')
  consoleClientId: readEnvironmentVariable('CONSOLE_CLIENT_ID', '')
  publicBaseUrl: readEnvironmentVariable('PUBLIC_BASE_URL', '')
  corsOrigins: readEnvironmentVariable('CORS_ORIGINS', '')
  apiManagementEmail: readEnvironmentVariable('API_MANAGEMENT_EMAIL', '')
  alertEmails: readEnvironmentVariable('ALERT_EMAILS', '')
  alertWebhook: readEnvironmentVariable('ALERT_WEBHOOK', '')
  budget: readEnvironmentVariable('MONTHLY_BUDGET', '')
  budgetStart: readEnvironmentVariable('BUDGET_START', '')
  rollingUpdates: readEnvironmentVariable('ROLLING_UPDATES', '')
  color: readEnvironmentVariable('LKPS_COLOR', '')
  liveColor: readEnvironmentVariable('LKPS_LIVE_COLOR', '')
}

@description('Name of the environment.')
var name = empty(variables.environment) ? 'np' : variables.environment

@description('The environment.')
var environment = union(defaults, environments[?name] ?? environments.np)

@description('Addresses that alerts are mailed to.')
var emails = listOf(variables.alertEmails)

@description('Audiences of access tokens for LKPS.')
var audiences = listOf(variables.audience)

@description('Origins whose pages may call.')
var corsOrigins = listOf(variables.corsOrigins)

param environmentName = contains(environments, name)
  ? name
  : fail('There is no environment ${name}. Environments: ${join(objectKeys(environments), ', ')}.')
param location = empty(variables.location) ? 'westeurope' : variables.location

param liveKitUrl = readEnvironmentVariable('LIVEKIT_URL')
param liveKitApiKey = readEnvironmentVariable('LIVEKIT_API_KEY')
param liveKitApiSecret = readEnvironmentVariable('LIVEKIT_API_SECRET', '')

param callerIdentity = empty(variables.callerIdentity) ? 'gateway-header' : variables.callerIdentity
param settings = union(
  {
    publicBaseUrl: variables.publicBaseUrl
    liveKitApiUrl: variables.liveKitApiUrl
    consoleClientId: variables.consoleClientId
    entraAudiences: audiences
  },
  environment.settings
)

param color = empty(variables.color) ? 'blue' : variables.color
// A gateway that calls an app which does not exist would fail in the middle of the deployment.
param liveColor = !empty(variables.liveColor)
  ? variables.liveColor
  : empty(variables.color)
      ? 'blue'
      : fail('With LKPS_COLOR, set LKPS_LIVE_COLOR to the app that the gateway calls: blue, or green. It must exist, or be the one that is deployed.')
param rollingUpdates = variables.rollingUpdates == 'true'
param plan = environment.plan
// A gateway answers browsers itself.
param access = union(variables.callerIdentity == 'access-token' ? { corsOrigins: corsOrigins } : {}, environment.access)
param privateNetwork = environment.privateNetwork
param apiManagement = empty(variables.apiManagementEmail)
  ? null
  : {
      publisherEmail: variables.apiManagementEmail
      publisherName: 'LKPS ${name}'
      audiences: empty(audiences) ? fail('API Management needs ENTRA_AUDIENCE.') : audiences
      corsOrigins: corsOrigins
    }

param storageSku = endsWith(environment.storageSku, 'GZRS') && contains(regionsWithoutGzrs, variables.location)
  ? fail('${variables.location} has no ${environment.storageSku}: choose another region, or another storageSku for ${name}.')
  : environment.storageSku
param vaultRetentionDays = environment.vaultRetentionDays
param deleteLocks = environment.deleteLocks

param logs = environment.logs
param alertEmails = !startsWith(name, 'prod') || !empty(emails) || !empty(variables.alertWebhook)
  ? emails
  : fail('Production needs somebody to notify: set ALERT_EMAILS or ALERT_WEBHOOK.')
param alertWebhook = variables.alertWebhook
param availabilityTest = environment.availabilityTest
// Azure accepts only the current month as the start of a new budget, and never changes the start of an existing one.
param budget = empty(variables.budget)
  ? null
  : {
      amount: int(variables.budget)
      startMonth: empty(variables.budgetStart)
        ? fail('Set BUDGET_START to the current month, such as 2026-11.')
        : variables.budgetStart
    }

param tags = {
  application: 'lkps'
  environment: name
}
