// The types of the parameters in main.bicepparam.

@export()
@description('App Service plan on Linux.')
type plan = {
  @description('Size. Default: P0v3. B sizes are cheaper and have no deployment slots, so that a switch restarts the gateway.')
  sku: ('B1' | 'B2' | 'B3' | 'P0v3' | 'P1v3' | 'P2v3')?

  @description('Number of instances. Default: 1. With several, App Service replaces one that fails the health check.')
  @minValue(1)
  @maxValue(30)
  instances: int?
}

@export()
@description('A function app of LKPS.')
type backend = {
  @description('Name of the app.')
  functionApp: string

  @description('Secret in the vault with its function key.')
  keySecret: string
}
