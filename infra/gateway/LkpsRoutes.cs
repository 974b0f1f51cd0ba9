using System.Text.RegularExpressions;

namespace Lkps.Gateway;

/// <summary>The routes of ocelot.json: every route of LKPS.</summary>
public sealed class LkpsRoutes
{
    private readonly List<(HashSet<string> Methods, Regex Path)> all = [];

    /// <summary>
    /// Fills in what all routes have in common: the address of LKPS and, on routes that need a caller, the caller and the
    /// function key. The key is a secret: the setting LKPS_FUNCTION_KEY, a Key Vault reference, is required.
    /// </summary>
    public LkpsRoutes(ConfigurationManager configuration)
    {
        if (configuration["LKPS_FUNCTION_KEY"] is not { Length: > 0 } key)
            throw new InvalidOperationException("Set LKPS_FUNCTION_KEY to the function key of LKPS.");
        if (!Uri.TryCreate(configuration["LKPS_URL"], UriKind.Absolute, out var lkps) || lkps.PathAndQuery != "/"
            || (lkps.Scheme != "https" && !lkps.IsLoopback))
            throw new InvalidOperationException("Set LKPS_URL to the address of LKPS: https, and no path.");

        foreach (var route in configuration.GetSection("Routes").GetChildren())
        {
            var path = route["UpstreamPathTemplate"]!;
            var methods = route.GetSection("UpstreamHttpMethod").Get<HashSet<string>>()!;
            // Ocelot's own patterns match more: a dot matches any character, and a final {segment} also matches /.
            var pattern = Regex.Replace(Regex.Escape(path), @"\\\{\w+}", "[^/]+");
            all.Add((methods, new Regex($@"^{pattern}\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)));

            void Set(string name, string value) => configuration[$"{route.Path}:{name}"] = value;
            Set("DownstreamPathTemplate", path);
            Set("DownstreamScheme", lkps.Scheme);
            Set("DownstreamHostAndPorts:0:Host", lkps.Host);
            Set("DownstreamHostAndPorts:0:Port", $"{lkps.Port}");
            if (route.GetValue<bool>("AuthenticationOptions:AllowAnonymous")) continue;
            Set("AuthenticationOptions:AuthenticationProviderKeys:0", "Bearer");
            // UpstreamHeaderTransform, since AddHeadersToRequest silently ignores constants.
            Set("UpstreamHeaderTransform:x-functions-key", key);
            Set("UpstreamHeaderTransform:client-id", "unset");
            Set("AddHeadersToRequest:client-id", $"Claims[{AccessToken.CallerClaim}] > value[0]");
        }
    }

    /// <summary>Whether there is a route for that method and exactly that path.</summary>
    public bool Match(string method, string path) =>
        all.Any(route => route.Methods.Contains(method) && route.Path.IsMatch(path));
}
