// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are Bicep's, which writes them as TypeScript does
/** One change to the templates that a slip or a bad review could let through. */
export interface Mutant {
  /** The policy that must notice. */
  readonly policy: string;
  readonly environment: "np" | "prod" | "guarded";
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const mutant =
  (file: string) =>
  (policy: string, from: string, to: string, environment: Mutant["environment"] = "np"): Mutant => ({
    policy,
    environment,
    file,
    from,
    to,
  });

const app = mutant("modules/function-app.bicep");
const storage = mutant("modules/storage.bicep");
const vault = mutant("modules/key-vault.bicep");
const monitoring = mutant("modules/monitoring.bicep");
const network = mutant("modules/network.bicep");
const privateNetwork = mutant("modules/private-network.bicep");
const endpoint = mutant("modules/private-endpoint.bicep");
const roles = mutant("modules/roles.bicep");
const root = mutant("app.bicep");
const main = mutant("main.bicep");
const parameters = mutant("main.bicepparam");
const alerts = mutant("modules/alerts.bicep");
const availability = mutant("modules/availability.bicep");
const budget = mutant("modules/budget.bicep");

/** At least one for each policy. */
export const mutants: readonly Mutant[] = [
  app("the plan is Flex Consumption FC1 on Linux", "name: 'FC1'", "name: 'EP1'"),
  app("the plan is Flex Consumption FC1 on Linux", "reserved: true", "reserved: false"),
  app("the runtime is Node 24", "?? '24'", "?? '22'"),
  app("the memory is the environment's", "plan.?instanceMemoryMB ?? 2048", "2048"),
  parameters("the memory is the environment's", "instanceMemoryMB: 512", "instanceMemoryMB: 4096"),
  app("the maximum number of instances is the environment's", "plan.?maximumInstanceCount ?? 40", "1000"),
  app(
    "instances are kept warm if the environment says so; by default, none",
    "plan.?alwaysReadyInstances ?? 0",
    "plan.?alwaysReadyInstances ?? 1",
  ),
  app(
    "the concurrency of an instance is the environment's; by default, the platform's",
    "perInstanceConcurrency: plan.?httpConcurrency",
    "perInstanceConcurrency: 1",
    "guarded",
  ),
  app("zones are the environment's; by default, none", "plan.?zoneRedundant ?? false", "true"),
  app(
    "packages are deployed to the container by identity",
    "type: 'UserAssignedIdentity'",
    "type: 'SystemAssignedIdentity'",
  ),
  root("packages are deployed to the container by identity", "${deploymentContainerName}'", "other'"),
  app(
    "the app has one user-assigned identity and no other",
    "type: 'UserAssigned'\n",
    "type: 'SystemAssigned, UserAssigned'\n",
  ),
  app("the app answers over https only", "httpsOnly: true", "httpsOnly: false"),
  app("the app requires TLS 1.2 or newer", " minTlsVersion: '1.2'", " minTlsVersion: '1.0'"),
  app("the deployment site requires TLS 1.2 or newer", "scmMinTlsVersion: '1.2'", "scmMinTlsVersion: '1.1'"),
  app(
    "there is no setting for FTP, which Flex Consumption rejects",
    "http20Enabled: true",
    "http20Enabled: true\n      ftpsState: 'Disabled'",
  ),
  app("the app supports HTTP/2", "http20Enabled: true", "http20Enabled: false"),
  app(
    "instances are replaced one after the other if the environment says so",
    "rollingUpdates ? ['siteUpdateStrategy'] : []",
    "['siteUpdateStrategy']",
  ),
  app(
    "instances are replaced one after the other if the environment says so",
    "type: 'RollingUpdate'",
    "type: 'Recreate'",
    "guarded",
  ),
  root(
    "a second app has its own name, plan, packages, and host id",
    "'packages' : 'packages-${color}'",
    "'packages' : 'packages'",
    "guarded",
  ),
  root(
    "a second app has its own name, plan, packages, and host id",
    "'lkps-${environmentName}-green-${token}'",
    "'lkps-${environmentName}-${token}-green'",
    "guarded",
  ),
  root(
    "a second app has its own name, plan, packages, and host id",
    "planName: 'asp-${appSuffixes[color]}'",
    "planName: 'asp-${suffix}'",
    "guarded",
  ),
  app(
    "what scanners recommend is left out, for these reasons",
    "httpsOnly: true",
    "httpsOnly: true\n    clientCertEnabled: true",
  ),
  app("remote debugging is off", "remoteDebuggingEnabled: false", "remoteDebuggingEnabled: true"),
  app(
    "user names and passwords for ftp are off",
    "name: 'ftp'\n    properties: {\n      allow: false",
    "name: 'ftp'\n    properties: {\n      allow: true",
  ),
  app(
    "user names and passwords for scm are off",
    "name: 'scm'\n    properties: {\n      allow: false",
    "name: 'scm'\n    properties: {\n      allow: true",
  ),

  app("by default, no address is rejected", "? 'Allow' : 'Deny'", "? 'Deny' : 'Deny'"),
  app(
    "with the gateway's addresses, all other addresses are rejected",
    "? 'Allow' : 'Deny'",
    "? 'Allow' : 'Allow'",
    "guarded",
  ),
  app(
    "with the gateway's addresses, all other addresses are rejected",
    "ipAddress: address",
    "ipAddress: 'Any'",
    "guarded",
  ),
  app(
    "deployments may come from addresses other than the gateway's",
    "scmIpSecurityRestrictionsUseMain: false",
    "scmIpSecurityRestrictionsUseMain: true",
  ),
  parameters(
    "by default, there is no Easy Auth",
    "access: {}",
    "access: {\n    easyAuth: {\n      clientId: '5e4f1ce0-0000-4000-8000-000000000001'\n      allowedApplications: ['x']\n    }\n  }",
  ),
  app(
    "by default, no other origin may call from a browser",
    "empty(corsOrigins) ? null",
    "empty(corsOrigins) ? { allowedOrigins: ['*'] }",
  ),
  app(
    "browsers may call only from the given origins",
    "{ allowedOrigins: corsOrigins }",
    "{ allowedOrigins: ['*'] }",
    "guarded",
  ),
  app(
    "Easy Auth is on and rejects callers without a token",
    "requireAuthentication: true",
    "requireAuthentication: false",
    "guarded",
  ),
  app("Easy Auth is on and rejects callers without a token", "'Return401'", "'AllowAnonymous'", "guarded"),
  app(
    "Easy Auth admits only the gateway's own application",
    "allowedApplications: easyAuth!.allowedApplications",
    "allowedApplications: []",
    "guarded",
  ),
  app("Easy Auth exempts only anonymous routes", "'/api/docs'", "'/api/session/start'", "guarded"),

  storage(
    "access to the storage account by key is off",
    "allowSharedKeyAccess: false",
    "allowSharedKeyAccess: true",
  ),
  storage(
    "the storage account uses identities by default",
    "defaultToOAuthAuthentication: true",
    "defaultToOAuthAuthentication: false",
  ),
  storage("no blob is public", "allowBlobPublicAccess: false", "allowBlobPublicAccess: true"),
  storage("no blob is public", "publicAccess: 'None'", "publicAccess: 'Blob'"),
  storage("the storage account requires TLS 1.2 or newer", "'TLS1_2'", "'TLS1_0'"),
  storage(
    "the storage account answers over https only",
    "supportsHttpsTrafficOnly: true",
    "supportsHttpsTrafficOnly: false",
  ),
  storage(
    "nothing is replicated to another tenant",
    "allowCrossTenantReplication: false",
    "allowCrossTenantReplication: true",
  ),
  storage("deleted keys of the host can be recovered", "enabled: true\n      days: 7", "enabled: false"),
  parameters(
    "production's storage account and vault have a lock against deletion",
    "deleteLocks: true",
    "deleteLocks: false",
    "prod",
  ),
  storage(
    "production's storage account and vault have a lock against deletion",
    "level: 'CanNotDelete'",
    "level: 'ReadOnly'",
    "prod",
  ),
  vault(
    "production's storage account and vault have a lock against deletion",
    " = if (deleteLock) {",
    " = if (false) {",
    "prod",
  ),
  parameters(
    "production's tables have a copy in another region",
    "'Standard_GZRS'",
    "'Standard_LRS'",
    "prod",
  ),
  vault(
    "Azure roles decide who may read the vault",
    "enableRbacAuthorization: true",
    "enableRbacAuthorization: false",
  ),
  vault("the vault cannot be purged", "    enablePurgeProtection: true\n", ""),
  vault("a deleted vault can be recovered", "enableSoftDelete: true", "enableSoftDelete: false"),
  root(
    "the LiveKit secret is in the vault, and in no other resource",
    "'@Microsoft.KeyVault(SecretUri=${keyVault.outputs.secretUri})'",
    "liveKitApiSecret",
  ),
  vault(
    "a deployment without a secret keeps the secret in the vault",
    " = if (!empty(liveKitApiSecret)) {",
    " = {",
  ),
  vault(
    "the app's setting refers to the secret in the vault without a version",
    "secrets/${secretName}'",
    "secrets/${secretName}/0'",
  ),
  app(
    "the platform reads the secret as the app's identity",
    "keyVaultReferenceIdentity: identity.id",
    "keyVaultReferenceIdentity: 'SystemAssigned'",
  ),

  parameters(
    "by default, there is no network",
    "privateNetwork: null",
    "privateNetwork: { addressPrefix: '10.0.0.0/24', appSubnetPrefix: '10.0.0.0/26', endpointsSubnetPrefix: '10.0.0.64/27' }",
  ),
  app(
    "by default, the app's outbound traffic uses no network",
    "empty(subnetId) ? null : subnetId",
    "subnetId",
  ),
  storage(
    "storage is public by default, for callers with a role, and closed with a network",
    "private ? 'Disabled'",
    "private ? 'Enabled'",
    "guarded",
  ),
  storage(
    "storage is public by default, for callers with a role, and closed with a network",
    "private ? 'Deny'",
    "private ? 'Allow'",
    "guarded",
  ),
  storage(
    "storage is public by default, for callers with a role, and closed with a network",
    "bypass: 'AzureServices'",
    "bypass: 'None'",
    "guarded",
  ),
  vault(
    "the vault is public by default, for callers with a role, and closed with a network",
    "private ? 'Disabled'",
    "private ? 'Enabled'",
    "guarded",
  ),
  privateNetwork(
    "blobs, tables, and the vault have private endpoints and DNS names",
    "service: 'table'\n    id: storageAccountId\n    dnsZone: 'privatelink.table",
    "service: 'table'\n    id: storageAccountId\n    dnsZone: 'privatelink.blob",
    "guarded",
  ),
  endpoint(
    "blobs, tables, and the vault have private endpoints and DNS names",
    "privateLinkServiceId: targetId",
    "privateLinkServiceId: dnsZone.id",
    "guarded",
  ),
  network(
    "each private zone is linked to the network, without automatic registration",
    "registrationEnabled: false",
    "registrationEnabled: true",
    "guarded",
  ),
  network(
    "the app's outbound traffic uses a subnet for Flex Consumption only",
    "'Microsoft.App/environments'",
    "'Microsoft.Web/serverFarms'",
    "guarded",
  ),
  network(
    "each subnet has a security group",
    "addressPrefix: network.appSubnetPrefix\n      networkSecurityGroup: {\n        id: securityGroup.id\n      }",
    "addressPrefix: network.appSubnetPrefix",
    "guarded",
  ),

  roles(
    "the app's identity has four roles, each on one resource, and no other",
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
  ),
  roles(
    "the app's identity has four roles, each on one resource, and no other",
    "scope: vault::secret",
    "scope: vault",
  ),
  roles(
    "the app's identity has four roles, each on one resource, and no other",
    "scope: applicationInsights",
    "scope: vault",
  ),
  roles("only the app's identity has roles", "principalType: 'ServicePrincipal'", "principalType: 'Group'"),
  roles(
    "an assignment's name is derived from its contents, so that no deployment creates a second one",
    "name: guid(storage.id, identity.id, roleIds.storageBlobDataContributor)",
    "name: 'blobs'",
  ),

  monitoring(
    "Application Insights accepts no key, and stores its data in the workspace",
    "DisableLocalAuth: true",
    "DisableLocalAuth: false",
  ),
  monitoring("the workspace accepts no key", "disableLocalAuth: true\n", "disableLocalAuth: false\n"),
  monitoring(
    "logs are kept as long as the environment says, within its quota",
    "logs.?dailyQuotaGb ?? -1",
    "-1",
  ),
  app(
    "every resource that has diagnostics sends them to the workspace",
    "name: 'to-log-analytics'\n  scope: hostingPlan",
    "name: 'second'\n  scope: app",
  ),
  vault("everything that happens to the vault is logged", "enabled: true", "enabled: false"),
  storage(
    "every resource that has diagnostics sends them to the workspace",
    "scope: tables",
    "scope: deploymentContainer",
  ),
  network(
    "every type of resource is listed as with or without diagnostics",
    "resource securityGroup '",
    "resource address 'Microsoft.Network/publicIPAddresses@2024-07-01' = {\n  name: 'pip'\n  location: location\n}\n\nresource securityGroup '",
    "guarded",
  ),
  root(
    "writes and deletes of blobs and tables are logged, and reads if the environment says so",
    "['StorageWrite', 'StorageDelete']",
    "['StorageDelete']",
  ),
  vault(
    "everything that happens to the vault is logged",
    "categoryGroup: 'allLogs'",
    "categoryGroup: 'audit'",
  ),
  app(
    "the host's log is kept beside telemetry unless turned off, and Easy Auth's log if Easy Auth is on",
    "enabled: functionAppLogs",
    "enabled: false",
  ),
  parameters(
    "logs are kept as long as the environment says, within its quota",
    "dailyQuotaGb: 30",
    "dailyQuotaGb: -1",
    "prod",
  ),
  alerts("alerts reach their receivers by mail and by webhook", "serviceUri: webhook", "serviceUri: 'x'"),
  alerts("alerts reach their receivers by mail and by webhook", "          actionGroup.id\n", ""),
  parameters(
    "production is called from outside, at the address that callers use",
    "availabilityTest: true",
    "availabilityTest: false",
    "prod",
  ),
  availability(
    "production is called from outside, at the address that callers use",
    "/api/health/ready'\n      HttpVerb",
    "/api/health'\n      HttpVerb",
    "prod",
  ),
  root(
    "production is called from outside, at the address that callers use",
    "? settings.publicBaseUrl!",
    "? 'https://${liveApp.properties.defaultHostName}'",
    "guarded",
  ),
  budget(
    "a budget, if there is one, notifies before, at, and beyond its amount",
    "contactGroups: [\n        actionGroupId\n      ]",
    "contactGroups: []",
  ),
  budget(
    "a budget, if there is one, notifies before, at, and beyond its amount",
    "percent: 90",
    "percent: 99",
  ),
  root(
    "there are alerts, and a workbook",
    "module workbook 'modules/workbook.bicep' = {",
    "module workbook 'modules/workbook.bicep' = if (environmentName == 'prod') {",
  ),

  root(
    "the app's settings are those of LKPS and of the host, and no others",
    "  TABLES_TIMEOUT_MS: string(settings.?tablesTimeoutMs ?? 3000)\n",
    "",
  ),
  root(
    "the app's settings are those of LKPS and of the host, and no others",
    "  LIVEKIT_URL: liveKitUrl\n",
    "  LIVEKIT_URL: liveKitUrl\n  FUNCTIONS_EXTENSION_VERSION: '~4'\n",
  ),
  root(
    "the host accepts bodies of at most 1 MiB, and has no welcome page",
    "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '1048576'",
    "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '104857600'",
  ),
  parameters(
    "the address that callers use is the environment's",
    "publicBaseUrl: variables.publicBaseUrl",
    "publicBaseUrl: ''",
  ),
  parameters(
    "a setting that an environment omits has the schema's default",
    "callerIdentity: 'gateway-header'",
    "callerIdentity: 'access-token'",
  ),
  root(
    "a setting that an environment omits has the schema's default",
    "graphCacheSeconds ?? 60",
    "graphCacheSeconds ?? 600",
  ),
  root(
    "main.bicep and app.bicep have the same parameters, with the same defaults",
    "= 'gateway-header'",
    "= 'access-token'",
  ),
  root(
    "the tenant is the deployment's, and its authority the cloud's",
    "ENTRA_AUTHORITY_HOST: environment().authentication.loginEndpoint",
    "ENTRA_AUTHORITY_HOST: 'https://login.example'",
  ),
  root(
    "the app requests tokens as its identity",
    "AZURE_CLIENT_ID: identity.outputs.clientId",
    "AZURE_CLIENT_ID: identity.outputs.principalId",
  ),
  root(
    "the app's tables are this account's",
    "TABLES_ENDPOINT: storage.outputs.tableEndpoint",
    "TABLES_ENDPOINT: storage.outputs.blobEndpoint",
  ),
  root(
    "the host reaches its storage as the app's identity, without a key",
    "AzureWebJobsStorage__credential: 'managedidentity'",
    "AzureWebJobsStorage__credential: ''",
  ),
  root("telemetry is sent as the app's identity", ";Authorization=AAD'", "'"),

  root(
    "names begin with the Cloud Adoption Framework's abbreviations, and fit",
    "take(replace('st${suffix}', '-', ''), 24)",
    "replace('st${suffix}', '-', '')",
    "guarded",
  ),
  root(
    "names begin with the Cloud Adoption Framework's abbreviations, and fit",
    "name: 'func-${appSuffixes[color]}'",
    "name: 'app-${appSuffixes[color]}'",
  ),
  main("names contain the environment", "'rg-lkps-${environmentName}-${location}'", "'rg-lkps-${location}'"),
  storage(
    "everything is in the environment's region or global",
    "name: name\n  location: location",
    "name: name\n  location: 'eastus'",
  ),
  monitoring(
    "everything that can have tags has the environment's tag for azd",
    "tags: tags\n  kind: 'web'",
    "kind: 'web'",
  ),
  app("azd finds the app by its tag", "'azd-service-name': 'lkps'", "'azd-service-name': 'api'"),

  alerts("the webhook, which often contains a key, is a secure parameter everywhere", "@secure()\n", ""),
  root(
    "the template itself rejects production without receivers",
    "!startsWith(environmentName, 'prod') || ",
    "",
  ),
  storage("no API version is newer than that of Microsoft's own modules", "@2025-06-01", "@2026-09-01"),
  vault("the LiveKit secret is a secure parameter everywhere", "@secure()\n", ""),
  root(
    "no output contains a secret",
    "output vaultName string = names.vault",
    "output vaultName string = liveKitApiSecret",
  ),
  storage(
    "no resource's key is requested",
    "output id string = account.id",
    "output id string = account.listKeys().keys[0].value",
  ),
  root(
    "roles are assigned after their resources, and the app is created after its roles",
    "  dependsOn: [\n    roles\n  ]\n",
    "",
  ),
  root(
    "roles are assigned after their resources, and the app is created after its roles",
    "    storage\n    monitoring\n",
    "    monitoring\n",
  ),
  main(
    "an environment must set its name and its LiveKit server, and nothing else",
    "param liveKitApiKey string",
    "param liveKitApiKey string = 'devkey'",
  ),
];
