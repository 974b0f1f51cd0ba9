// The types of the parameters in main.bicepparam.

@export()
@description('The values of a list that commas separate.')
func listOf(text string) string[] => filter(map(split(text, ','), value => trim(value)), value => !empty(value))

@export()
@description('Tags that every resource carries.')
type tags = {
  @description('Value of a tag, by its name.')
  *: string
}

@export()
@description('Regions that have Flex Consumption (az functionapp list-flexconsumption-locations). Add one that is missing.')
type region =
  | 'australiaeast'
  | 'australiasoutheast'
  | 'brazilsouth'
  | 'canadacentral'
  | 'centralindia'
  | 'centralus'
  | 'eastasia'
  | 'eastus'
  | 'eastus2'
  | 'francecentral'
  | 'germanywestcentral'
  | 'italynorth'
  | 'japaneast'
  | 'koreacentral'
  | 'northcentralus'
  | 'northeurope'
  | 'norwayeast'
  | 'southafricanorth'
  | 'southcentralus'
  | 'southeastasia'
  | 'southindia'
  | 'spaincentral'
  | 'swedencentral'
  | 'uaenorth'
  | 'uksouth'
  | 'ukwest'
  | 'westcentralus'
  | 'westeurope'
  | 'westus'
  | 'westus2'
  | 'westus3'

@export()
@description('Of these, the regions without availability zones or without a paired region, which have no Standard_GZRS.')
var regionsWithoutGzrs = [
  'australiasoutheast'
  'italynorth'
  'northcentralus'
  'southindia'
  'spaincentral'
  'ukwest'
  'westcentralus'
  'westus'
]

@export()
@description('How LKPS identifies the caller; see CALLER_IDENTITY.')
type callerIdentity = 'gateway-header' | 'access-token' | 'gateway-header-and-access-token'

@export()
@description('One of two apps that can run side by side, to replace one by the other without downtime.')
type color = 'blue' | 'green'

@export()
@description('A monthly budget. It notifies, but stops nothing.')
type budget = {
  @description('Amount in the currency of the subscription.')
  @minValue(1)
  amount: int

  @description('Month of the first deployment with a budget, such as 2026-11. It cannot be changed later.')
  @minLength(7)
  @maxLength(7)
  startMonth: string
}

@export()
@description('The Flex Consumption plan and how the app scales on it. Every member has a default.')
type plan = {
  @description('Version of Node.js. Default: 24.')
  nodeVersion: string?

  @description('Memory of an instance in megabytes. Default: 2048.')
  instanceMemoryMB: (512 | 2048 | 4096)?

  @description('Maximum number of instances. Default: 40. It limits the cost and the load on Microsoft Graph.')
  @minValue(40)
  @maxValue(1000)
  maximumInstanceCount: int?

  @description('Always-ready instances for HTTP, which are billed all month. Default: 0. With zoneRedundant, 0 or at least 2.')
  @minValue(0)
  @maxValue(1000)
  alwaysReadyInstances: int?

  @description('Number of requests that an instance serves at the same time. By default, the platform decides by memory.')
  @minValue(1)
  @maxValue(1000)
  httpConcurrency: int?

  @description('Whether instances run in several availability zones. Default: false. Not available in every region.')
  zoneRedundant: bool?
}

@export()
@description('Settings of the service that have a default.')
type serviceSettings = {
  @description('PUBLIC_BASE_URL: the address that callers use, which is the gateway\'s if there is one. No trailing slash.')
  publicBaseUrl: string?

  @description('ENTRA_AUDIENCE: the audiences of access tokens for LKPS. Required if LKPS identifies callers by access token.')
  entraAudiences: string[]?

  @description('GRAPH_BASE_URL: Microsoft Graph of another cloud.')
  graphBaseUrl: string?

  @description('GRAPH_CACHE_SECONDS.')
  @minValue(0)
  @maxValue(3600)
  graphCacheSeconds: int?

  @description('GRAPH_TIMEOUT_MS.')
  @minValue(100)
  @maxValue(60000)
  graphTimeoutMs: int?

  @description('GRAPH_READS_PER_CALLER.')
  @minValue(10)
  @maxValue(10000)
  graphReadsPerCaller: int?

  @description('AGENTS_TABLE.')
  @minLength(3)
  @maxLength(63)
  agentsTable: string?

  @description('SESSIONS_TABLE.')
  @minLength(3)
  @maxLength(63)
  sessionsTable: string?

  @description('TABLES_TIMEOUT_MS.')
  @minValue(100)
  @maxValue(60000)
  tablesTimeoutMs: int?

  @description('SESSION_RETENTION_DAYS.')
  @minValue(1)
  @maxValue(3650)
  sessionRetentionDays: int?

  @description('LIVEKIT_API_URL: where the server API of LiveKit responds, if not at LIVEKIT_URL.')
  liveKitApiUrl: string?

  @description('LIVE_SESSION_CHECK_SECONDS: how often live sessions are checked; 0 turns the check off.')
  liveSessionCheckSeconds: (0 | 30 | 60 | 120 | 300 | 600)?

  @description('CONSOLE_CLIENT_ID: the client id that people sign in to the console with. Turns the console on.')
  consoleClientId: string?

  @description('SESSION_TOKEN_TTL_SECONDS.')
  @minValue(60)
  @maxValue(3600)
  sessionTokenTtlSeconds: int?
}

@export()
@description('Easy Auth for the app: only these applications may call it.')
type easyAuth = {
  @description('Client id of LKPS\'s own app registration, for which the gateway requests tokens.')
  @minLength(36)
  @maxLength(36)
  clientId: string

  @description('Client ids of the applications that may call: only the gateway\'s own identity.')
  @minLength(1)
  allowedApplications: string[]

  @description('Audiences of those tokens. Default: the client id, with and without api:// before it.')
  allowedAudiences: string[]?
}

@export()
@description('Who may reach the app. Everything is off by default.')
type access = {
  @description('Addresses of the gateway, as CIDR ranges. If there are any, all other addresses get 403 from the platform.')
  gatewayAddresses: string[]?

  @description('Easy Auth for the app.')
  easyAuth: easyAuth?

  @description('Origins whose pages may call the app directly. With API Management as the gateway, use apiManagement.corsOrigins instead.')
  corsOrigins: string[]?
}

@export()
@description('A virtual network for the app, with private endpoints for its storage and its vault.')
type privateNetwork = {
  @description('Address space of the network, at most /25.')
  addressPrefix: string

  @description('Subnet for outbound traffic of the app\'s instances: at least /27, used by this app only.')
  appSubnetPrefix: string

  @description('Subnet of the private endpoints.')
  endpointsSubnetPrefix: string
}

@export()
@description('Azure API Management, Consumption tier, as the gateway: see docs/gateway.md.')
type apiManagement = {
  @description('Mail address for notifications from the platform.')
  publisherEmail: string

  @description('Name of the publisher, which callers see.')
  publisherName: string

  @description('Accepted audiences of access tokens for LKPS.')
  @minLength(1)
  audiences: string[]

  @description('Origins whose pages may call, such as https://console.example.com. Default: none.')
  corsOrigins: string[]?
}

@export()
@description('Categories of a storage account\'s logs.')
type storageLog = 'StorageRead' | 'StorageWrite' | 'StorageDelete'

@export()
@description('What is logged, and for how long. Logs are most of the bill of a busy LKPS: see docs/operations.md.')
type logs = {
  @description('Days that logs are kept. Default: 30, which are included in the price of ingestion.')
  @minValue(30)
  @maxValue(730)
  retentionDays: int?

  @description('Daily quota in gigabytes, after which the workspace accepts no more logs. Default: -1, no limit.')
  @minValue(-1)
  dailyQuotaGb: int?

  @description('Whether to keep the host\'s own log besides Application Insights, for when telemetry fails. Default: true.')
  functionAppLogs: bool?

  @description('Storage operations to log. Default: writes and deletes. Reads would add a line for each session start.')
  storage: storageLog[]?
}
