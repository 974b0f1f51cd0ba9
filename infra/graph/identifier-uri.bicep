// Gives an application the identifier URI that contains its client id: a part of registration.bicep.

extension microsoftGraphV1

@description('Unique name of the application.')
param uniqueName string

@description('Name that people see.')
param displayName string

@description('Client id of the application.')
param clientId string

resource application 'Microsoft.Graph/applications@v1.0' = {
  uniqueName: uniqueName
  displayName: displayName
  identifierUris: ['api://${clientId}']
}

@description('The URI.')
output identifierUri string = application.identifierUris[0]
