// Non-production: small, kept short, cheap.

using 'main.bicep'

param environmentName = 'np'
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')

param liveKitUrl = readEnvironmentVariable('LIVEKIT_URL')
param liveKitApiKey = readEnvironmentVariable('LIVEKIT_API_KEY')
// Set it the first time and to change it; the vault keeps it from then on.
param liveKitApiSecret = readEnvironmentVariable('LIVEKIT_API_SECRET', '')

param plan = {
  instanceMemoryMB: 512
  maximumInstanceCount: 40
}

param logs = {
  retentionDays: 30
  dailyQuotaGb: 1
}

// A vault that was deleted to start anew is in the way for a week only.
param vaultRetentionDays = 7

param tags = {
  application: 'lkps'
  environment: 'np'
}
