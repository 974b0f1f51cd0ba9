using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.JwtBearer;

namespace Lkps.Gateway;

/// <summary>The application that an access token was issued to.</summary>
public static class CallingApplication
{
    /// <summary>
    /// Entra's v2 tokens name it in <c>azp</c>, v1 tokens in <c>appid</c>; ocelot.json reads <c>azp</c>. A token with
    /// neither gets no further than Ocelot's 403.
    /// </summary>
    public static Task NameAsAzp(TokenValidatedContext context)
    {
        if (context.Principal?.Identity is ClaimsIdentity identity
            && identity.FindFirst("azp") is null
            && identity.FindFirst("appid") is { } appId)
        {
            identity.AddClaim(new Claim("azp", appId.Value));
        }
        return Task.CompletedTask;
    }
}
