// What LKPS needs in Entra ID, in one visit of an admin, before the app's first call: the permission to read app
// registrations (an identity's token is cached for about a day, so a later grant may not take effect for a day), LKPS's own
// app registration, and the console's if it is wanted. Safe to run again: Entra finds an application by its uniqueName.
// Apart from main.bicep, so that whoever has no rights in Entra ID can still deploy.

extension microsoftGraphV1

@description('Unique name of the registration, and the beginning of the console\'s: the output LKPS_REGISTRATION_NAME of main.bicep, such as lkps-np-abc.')
@minLength(6)
param name string

@description('Object id of the app\'s identity: the output LKPS_IDENTITY_PRINCIPAL_ID of main.bicep.')
@minLength(36)
@maxLength(36)
param principalId string

@description('Registers the console if given: the address that callers use (PUBLIC_BASE_URL), without a slash at the end.')
param consoleBaseUrl string = ''

@description('Name that people see.')
var displayName = 'LKPS ${split(name, '-')[1]}'

@description('Id of the delegated permission access_as_user.')
var accessAsUser = guid(name, 'access_as_user')

@description('Delegated permissions of Microsoft Graph, the same in every tenant: to sign in, and to find the agents that a person owns.')
var graphPermissions = {
  'User.Read': 'e1fe6dd8-ba31-4d61-89e7-88639da4683d'
  'Application.Read.All': 'c79f8feb-a9db-4090-85f9-90d820caa0eb'
}

module grant 'grant.bicep' = {
  params: {
    principalId: principalId
  }
}

resource microsoftGraph 'Microsoft.Graph/servicePrincipals@v1.0' existing = {
  appId: '00000003-0000-0000-c000-000000000000'
}

resource lkps 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: name
  displayName: displayName
  signInAudience: 'AzureADMyOrg'
  api: {
    requestedAccessTokenVersion: 2
    oauth2PermissionScopes: [
      {
        id: accessAsUser
        value: 'access_as_user'
        type: 'User'
        isEnabled: true
        adminConsentDisplayName: 'Call LKPS for the user'
        adminConsentDescription: 'Allows the application to call LKPS for the user who is signed in.'
        userConsentDisplayName: 'Call LKPS for you'
        userConsentDescription: 'Allows the application to call LKPS for you.'
      }
    ]
  }
}

// Without a service principal, Entra ID issues no tokens for LKPS.
resource lkpsPrincipal 'Microsoft.Graph/servicePrincipals@v1.0' = {
  appId: lkps.appId
}

// In a deployment of its own, because the URI contains the client id, which Entra ID chooses.
module identifierUri 'identifier-uri.bicep' = {
  params: {
    uniqueName: name
    displayName: displayName
    clientId: lkps.appId
  }
}

resource console 'Microsoft.Graph/applications@v1.0' = if (!empty(consoleBaseUrl)) {
  uniqueName: '${name}-console'
  displayName: '${displayName} console'
  signInAudience: 'AzureADMyOrg'
  spa: {
    redirectUris: ['${consoleBaseUrl}/console']
  }
  requiredResourceAccess: [
    {
      resourceAppId: microsoftGraph.appId
      resourceAccess: map(items(graphPermissions), permission => { id: permission.value, type: 'Scope' })
    }
    {
      resourceAppId: lkps.appId
      resourceAccess: [{ id: accessAsUser, type: 'Scope' }]
    }
  ]
}

resource consolePrincipal 'Microsoft.Graph/servicePrincipals@v1.0' = if (!empty(consoleBaseUrl)) {
  appId: console!.appId
}

// The admin's consent for everybody, so that nobody is asked, also for what every sign-in requests.
resource consoleReadsGraph 'Microsoft.Graph/oauth2PermissionGrants@v1.0' = if (!empty(consoleBaseUrl)) {
  clientId: consolePrincipal!.id
  consentType: 'AllPrincipals'
  resourceId: microsoftGraph.id
  scope: 'openid profile offline_access ${join(objectKeys(graphPermissions), ' ')}'
}

resource consoleCallsLkps 'Microsoft.Graph/oauth2PermissionGrants@v1.0' = if (!empty(consoleBaseUrl)) {
  clientId: consolePrincipal!.id
  consentType: 'AllPrincipals'
  resourceId: lkpsPrincipal.id
  scope: 'access_as_user'
}

@description('Client id of LKPS: the audience of access tokens (ENTRA_AUDIENCE).')
output clientId string = lkps.appId

@description('Client id of the console (CONSOLE_CLIENT_ID); empty without one.')
output consoleClientId string = empty(consoleBaseUrl) ? '' : console!.appId
