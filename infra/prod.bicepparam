// Production: copies of the tables in another zone and another region, logs for a quarter.

using 'main.bicep'

param environmentName = 'prod'
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')

param liveKitUrl = readEnvironmentVariable('LIVEKIT_URL')
param liveKitApiKey = readEnvironmentVariable('LIVEKIT_API_KEY')
// Set it the first time and to change it; the vault keeps it from then on.
param liveKitApiSecret = readEnvironmentVariable('LIVEKIT_API_SECRET', '')

param storageSku = 'Standard_GZRS'

param plan = {
  instanceMemoryMB: 2048
  maximumInstanceCount: 100
}

param logs = {
  retentionDays: 90
}

param alertEmails = split(readEnvironmentVariable('ALERT_EMAILS'), ',')

param tags = {
  application: 'lkps'
  environment: 'prod'
}
