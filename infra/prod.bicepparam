// Production: tables replicated across zones and to another region, logs kept for 90 days.

using 'main.bicep'

param environmentName = 'prod'
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')

param liveKitUrl = readEnvironmentVariable('LIVEKIT_URL')
param liveKitApiKey = readEnvironmentVariable('LIVEKIT_API_KEY')
// Set it for the first deployment and to change it. The vault stores it.
param liveKitApiSecret = readEnvironmentVariable('LIVEKIT_API_SECRET', '')

param storageSku = 'Standard_GZRS'

param plan = {
  instanceMemoryMB: 2048
  maximumInstanceCount: 100
}

param logs = {
  retentionDays: 90
}

// Addresses separated by commas. Without any, alerts only appear in the portal.
param alertEmails = filter(split(readEnvironmentVariable('ALERT_EMAILS', ''), ','), address => !empty(address))

param tags = {
  application: 'lkps'
  environment: 'prod'
}
