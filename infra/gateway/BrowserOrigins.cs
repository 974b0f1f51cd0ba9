using Microsoft.AspNetCore.Cors.Infrastructure;

namespace Lkps.Gateway;

/// <summary>Which origins' pages may call from a browser, and which response headers they may read.</summary>
public static class BrowserOrigins
{
    /// <summary>The list Cors:Origins. The gateway does not start with an origin that no browser would send.</summary>
    public static string[] In(IConfiguration configuration)
    {
        var origins = configuration.GetSection("Cors:Origins").Get<string[]>() ?? [];
        foreach (var origin in origins)
        {
            if (!Uri.TryCreate(origin, UriKind.Absolute, out var uri) || uri.GetLeftPart(UriPartial.Authority) != origin)
                throw new InvalidOperationException(
                    $"Cors:Origins has \"{origin}\". Write an origin as browsers do, with nothing after it: https://console.example.com");
        }
        return origins;
    }

    /// <summary>The methods and headers of LKPS, and no cookies: pages must send the access token themselves.</summary>
    public static void Allow(string[] origins, CorsPolicyBuilder policy) => policy
        .WithOrigins(origins)
        .WithMethods("GET", "POST", "DELETE")
        .WithHeaders("authorization", "content-type", "x-request-id")
        // Without these, a page cannot read when to retry and which request id to report.
        .WithExposedHeaders("Retry-After", "X-Request-ID")
        .SetPreflightMaxAge(TimeSpan.FromMinutes(10));
}
