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

// Addresses separated by commas; none means alerts are seen in the portal only.
param alertEmails = filter(split(readEnvironmentVariable('ALERT_EMAILS', ''), ','), address => !empty(address))

param tags = {
  application: 'lkps'
  environment: 'prod'
}
