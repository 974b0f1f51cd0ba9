// The words in which an environment is described: np.bicepparam and prod.bicepparam are written in them.

@export()
@description('Tags that every resource carries.')
type tags = {
  @description('Value of a tag, by its name.')
  *: string
}

@export()
@description('How the caller of LKPS is told; see CALLER_IDENTITY.')
type callerIdentity = 'gateway-header' | 'access-token' | 'gateway-header-and-access-token'

@export()
@description('The Flex Consumption plan and how the app scales on it. Left out means the default that is named.')
type plan = {
  @description('Version of Node.js. Default: 24.')
  nodeVersion: string?

  @description('Memory of an instance in megabytes. Default: 2048.')
  instanceMemoryMB: (512 | 2048 | 4096)?

  @description('The most instances that may run. Default: 40. It bounds the bill and the load on Microsoft Graph.')
  @minValue(1)
  @maxValue(1000)
  maximumInstanceCount: int?

  @description('Instances that are kept warm for HTTP, and paid for all month. Default: 0.')
  @minValue(0)
  @maxValue(1000)
  alwaysReadyInstances: int?

  @description('Requests that an instance serves at once. Default: the platform decides by memory.')
  @minValue(1)
  @maxValue(1000)
  httpConcurrency: int?

  @description('Instances in several availability zones. Default: false. Not in every region.')
  zoneRedundant: bool?
}

@export()
@description('Settings of the service that have a default; it is applied where one is left out.')
type serviceSettings = {
  @description('PUBLIC_BASE_URL: the address that callers use, the gateway\'s if there is one. No slash at the end.')
  publicBaseUrl: string?

  @description('ENTRA_AUDIENCE: the audiences of access tokens for LKPS. Needed where callers are told by access token.')
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

  @description('SESSION_TOKEN_TTL_SECONDS.')
  @minValue(60)
  @maxValue(3600)
  sessionTokenTtlSeconds: int?
}

@export()
@description('Easy Auth in front of the app: only these applications get through to it.')
type easyAuth = {
  @description('Client id of the app registration that the gateway asks tokens for: LKPS itself.')
  @minLength(36)
  @maxLength(36)
  clientId: string

  @description('Client ids of the applications that may call: the gateway\'s own identity, and nobody else\'s.')
  @minLength(1)
  allowedApplications: string[]

  @description('Audiences of those tokens. Default: the client id, and api:// before it.')
  allowedAudiences: string[]?
}

@export()
@description('Who may reach the app. All of it is off where it is left out.')
type access = {
  @description('Addresses of the gateway, as CIDR ranges. Where any is given, all others get 403 from the platform.')
  gatewayAddresses: string[]?

  @description('Easy Auth in front of the app.')
  easyAuth: easyAuth?

  @description('Origins of browsers that may call the app directly. Behind a gateway they are the gateway\'s: apiManagement.corsOrigins.')
  corsOrigins: string[]?
}

@export()
@description('A virtual network of the app\'s own, with private endpoints for its storage and its vault.')
type privateNetwork = {
  @description('Address space of the network, at most /25.')
  addressPrefix: string

  @description('Subnet that the app\'s instances go out from: at least /27, for this app alone.')
  appSubnetPrefix: string

  @description('Subnet of the private endpoints.')
  endpointsSubnetPrefix: string
}

@export()
@description('Azure API Management, Consumption tier, as the gateway: see docs/gateway.md.')
type apiManagement = {
  @description('Where the platform mails what operators must know.')
  publisherEmail: string

  @description('Who operates it, as callers are told.')
  publisherName: string

  @description('Audiences of access tokens for LKPS, which it validates.')
  @minLength(1)
  audiences: string[]

  @description('Origins of browsers that may call it, such as https://console.example.com. Default: none, and no CORS.')
  corsOrigins: string[]?
}

@export()
@description('Categories of a storage account\'s logs.')
type storageLog = 'StorageRead' | 'StorageWrite' | 'StorageDelete'

@export()
@description('What is logged, and for how long. Logs are the larger part of the bill of a busy LKPS: see docs/deploy.md.')
type logs = {
  @description('Days that logs are kept. Default: 30, which cost nothing beyond their ingestion.')
  @minValue(30)
  @maxValue(730)
  retentionDays: int?

  @description('Gigabytes a day after which the workspace takes no more. Default: -1, no limit.')
  @minValue(-1)
  dailyQuotaGb: int?

  @description('The host\'s own log beside Application Insights: what is left when telemetry fails. Default: true.')
  functionAppLogs: bool?

  @description('What is logged of storage. Default: writes and deletes. Reads would be one line a session start.')
  storage: storageLog[]?
}
