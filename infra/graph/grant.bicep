// Grants LKPS the permission to read app registrations: a part of registration.bicep. docs/deploy.md says what it allows.

extension microsoftGraphV1

@description('Object id of the app\'s identity: the output LKPS_IDENTITY_PRINCIPAL_ID of main.bicep.')
@minLength(36)
@maxLength(36)
param principalId string

@description('The application permission Application.Read.All: the same id in every tenant.')
var applicationReadAll = '9a5d68dd-52b0-4cc2-bd40-abcf44ac3a30'

resource microsoftGraph 'Microsoft.Graph/servicePrincipals@v1.0' existing = {
  appId: '00000003-0000-0000-c000-000000000000'
}

resource grant 'Microsoft.Graph/appRoleAssignedTo@v1.0' = {
  appRoleId: applicationReadAll
  principalId: principalId
  resourceId: microsoftGraph.id
}

@description('The identity that may now read app registrations.')
output principalId string = grant.principalId
