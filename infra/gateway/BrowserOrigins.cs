using Microsoft.AspNetCore.Cors.Infrastructure;

namespace Lkps.Gateway;

/// <summary>Whose pages may call from a browser, and what of an answer they may read.</summary>
public static class BrowserOrigins
{
    /// <summary>The list Cors:Origins. With one that no browser would send, nothing starts: it would match nobody.</summary>
    public static string[] In(IConfiguration configuration)
    {
        var origins = configuration.GetSection("Cors:Origins").Get<string[]>() ?? [];
        foreach (var origin in origins)
        {
            if (!Uri.TryCreate(origin, UriKind.Absolute, out var uri) || uri.GetLeftPart(UriPartial.Authority) != origin)
                throw new InvalidOperationException(
                    $"Cors:Origins has \"{origin}\". Write it as browsers do, with nothing behind: https://console.example.com");
        }
        return origins;
    }

    /// <summary>What LKPS takes, and no cookies: the access token says who calls, and pages must send it themselves.</summary>
    public static void Allow(string[] origins, CorsPolicyBuilder policy) => policy
        .WithOrigins(origins)
        .WithMethods("GET", "POST", "DELETE")
        .WithHeaders("authorization", "content-type", "x-request-id")
        // Without these a page sees a refusal, but not when to try again, nor what to quote.
        .WithExposedHeaders("Retry-After", "X-Request-ID")
        .SetPreflightMaxAge(TimeSpan.FromMinutes(10));
}
