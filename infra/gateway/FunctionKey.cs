namespace Lkps.Gateway;

/// <summary>LKPS's function key, which is a secret: a reference to Key Vault in the setting LKPS_FUNCTION_KEY.</summary>
public static class FunctionKey
{
    /// <summary>Puts the key into each route of ocelot.json that sends one. Without the setting, nothing starts.</summary>
    public static void AddTo(ConfigurationManager configuration)
    {
        if (configuration["LKPS_FUNCTION_KEY"] is not { Length: > 0 } key)
            throw new InvalidOperationException("Set LKPS_FUNCTION_KEY to the function key of LKPS.");
        foreach (var route in configuration.GetSection("Routes").GetChildren())
        {
            // UpstreamHeaderTransform, since AddHeadersToRequest silently ignores constants.
            var header = route.GetSection("UpstreamHeaderTransform:x-functions-key");
            if (header.Exists()) configuration[header.Path] = key;
        }
    }
}
