// Non-production: small instances, short retention, low cost.

using 'main.bicep'

param environmentName = 'np'
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')

param liveKitUrl = readEnvironmentVariable('LIVEKIT_URL')
param liveKitApiKey = readEnvironmentVariable('LIVEKIT_API_KEY')
// Set it for the first deployment and to change it. The vault stores it.
param liveKitApiSecret = readEnvironmentVariable('LIVEKIT_API_SECRET', '')

param plan = {
  instanceMemoryMB: 512
  maximumInstanceCount: 40
}

param logs = {
  retentionDays: 30
  dailyQuotaGb: 1
}

// After you delete a vault to start over, its name is taken for only a week.
param vaultRetentionDays = 7

param tags = {
  application: 'lkps'
  environment: 'np'
}
