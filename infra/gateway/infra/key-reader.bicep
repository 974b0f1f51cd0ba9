// Lets the gateway read one secret in the vault of LKPS: a function key. The postdeploy hook of LKPS has stored it.

@description('Name of the vault.')
param vaultName string

@description('Name of the secret.')
param secretName string

@description('Name of the gateway\'s identity, which the name of the role assignment is derived from.')
param identityName string

@description('Object id of the gateway\'s identity.')
param principalId string

@description('Key Vault Secrets User, the same in every subscription.')
var keyVaultSecretsUser = '4633458b-17de-408a-b874-0445c86b69e6'

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  name: vaultName

  resource secret 'secrets' existing = {
    name: secretName
  }
}

resource reader 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault::secret.id, identityName, keyVaultSecretsUser)
  scope: vault::secret
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', keyVaultSecretsUser)
  }
}
