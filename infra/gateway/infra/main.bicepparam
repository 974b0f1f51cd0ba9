// The parameters of the gateway. The values come from azd's environment: connect.sh copies them from that of LKPS.
//
// | variable | |
// |---|---|
// | AZURE_ENV_NAME, AZURE_LOCATION | azd sets them: an environment such as gateway-np, and the region |
// | GATEWAY_SKU, GATEWAY_INSTANCES | size and number of instances. Default: P0v3, 1 |
// | LKPS_…, ENTRA_AUDIENCE, PUBLIC_BASE_URL, CORS_ORIGINS | from the environment of LKPS |

using 'main.bicep'
import { listOf } from '../../types.bicep'

@description('The app that the LKPS environment deployed last.')
var deployed = {
  functionApp: readEnvironmentVariable('LKPS_FUNCTION_APP')
  keySecret: readEnvironmentVariable('LKPS_KEY_SECRET')
}

@description('The app that callers reach.')
var reached = {
  functionApp: readEnvironmentVariable('LKPS_LIVE_FUNCTION_APP')
  keySecret: readEnvironmentVariable('LKPS_LIVE_KEY_SECRET')
}

@description('Variables that may be empty.')
var optional = {
  sku: readEnvironmentVariable('GATEWAY_SKU', '')
  instances: readEnvironmentVariable('GATEWAY_INSTANCES', '')
  lkpsUrl: readEnvironmentVariable('LKPS_URL', '')
  publicBaseUrl: readEnvironmentVariable('PUBLIC_BASE_URL', '')
}

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'gateway')
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')
param plan = {
  sku: empty(optional.sku) ? 'P0v3' : optional.sku
  instances: empty(optional.instances) ? 1 : int(optional.instances)
}
param live = reached
param next = deployed.functionApp == reached.functionApp ? null : deployed
param lkpsResourceGroup = readEnvironmentVariable('LKPS_RESOURCE_GROUP')
param vaultName = readEnvironmentVariable('LKPS_KEY_VAULT')
param workspaceName = readEnvironmentVariable('LKPS_WORKSPACE')
param audiences = listOf(readEnvironmentVariable('ENTRA_AUDIENCE'))
// The address of LKPS itself, as long as it has no gateway yet, is not where callers of this one find its docs.
param publicBaseUrl = optional.publicBaseUrl == optional.lkpsUrl ? '' : optional.publicBaseUrl
param corsOrigins = listOf(readEnvironmentVariable('CORS_ORIGINS', ''))
param tags = {
  application: 'lkps'
}
