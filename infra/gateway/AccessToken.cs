using System.Buffers.Text;
using System.Security.Claims;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Lkps.Gateway;

/// <summary>
/// An Entra access token, checked as strictly as LKPS does. ASP.NET checks the signature, the lifetime, and the issuer
/// and audience against the section Authentication:Schemes:Bearer. It also accepts tokens that Entra never issues, so
/// this class checks the rest.
/// </summary>
public sealed partial record AccessToken(string Encoded, string Caller, bool IsOfApplication)
{
    /// <summary>The claim from which LkpsRoutes sets the caller.</summary>
    public const string CallerClaim = "caller";

    /// <summary>Timeout for fetching the tenant's keys.</summary>
    private static readonly TimeSpan KeysTimeout = TimeSpan.FromSeconds(5);

    public static void Check(JwtBearerOptions options)
    {
        options.BackchannelTimeout = KeysTimeout;
        // How often to fetch new keys, or the first ones again if Entra did not answer. The default is 5 minutes.
        options.RefreshInterval = TimeSpan.FromSeconds(10);
        var rules = options.TokenValidationParameters;
        rules.ValidAlgorithms = ["RS256"];
        rules.ClockSkew = TimeSpan.FromSeconds(60);
        // Explicit because some versions of ASP.NET check these two only if the settings list some.
        rules.ValidateAudience = true;
        rules.ValidateIssuer = true;
        rules.IgnoreTrailingSlashWhenValidatingAudience = false;
        rules.IssuerSigningKeyResolverUsingConfiguration = KeysFor;
        rules.TryAllIssuerSigningKeys = false;
        options.Events = new JwtBearerEvents { OnMessageReceived = Read, OnTokenValidated = Accept };
    }

    private static async Task Read(MessageReceivedContext context)
    {
        var authorization = context.Request.Headers.Authorization;
        if (authorization.Count == 0) Refuse(context, Problem.CallerUnidentified);
        else if (Parse(authorization.ToString()) is not { } token) Refuse(context, Problem.InvalidToken);
        else if (!await HasKeys(context)) Refuse(context, Problem.DirectoryUnavailable);
        else
        {
            context.HttpContext.Items[typeof(AccessToken)] = token;
            context.Token = token.Encoded;
        }
    }

    private static Task Accept(TokenValidatedContext context)
    {
        var token = (AccessToken)context.HttpContext.Items[typeof(AccessToken)]!;
        // Otherwise, every user of an agent's public client could register that agent, or opt it out.
        if (context.Request.Path.StartsWithSegments("/api/agent") && !token.IsOfApplication)
            Refuse(context, Problem.ApplicationTokenRequired);
        else
            context.Principal = new ClaimsPrincipal(new ClaimsIdentity([new Claim(CallerClaim, token.Caller)], "Bearer"));
        return Task.CompletedTask;
    }

    /// <summary>The token's claims, not yet validated; null if Entra does not issue tokens like this.</summary>
    private static AccessToken? Parse(string authorization)
    {
        if (BearerToken().Match(authorization) is not { Success: true, Groups: var parts }) return null;
        try
        {
            var header = JsonNode.Parse(Base64Url.DecodeFromChars(parts["header"].ValueSpan))!.AsObject();
            var claims = JsonNode.Parse(Base64Url.DecodeFromChars(parts["claims"].ValueSpan))!.AsObject();
            var version = Text(claims["ver"]);
            // Entra's v2 tokens name the application in azp, v1 tokens in appid, and only that one counts.
            var caller = Text(claims[version switch { "2.0" => "azp", "1.0" => "appid", _ => "" }]);
            var isEntras = Text(header["alg"]) == "RS256"
                && Text(header["kid"]) is { Length: > 0 }
                // A critical extension (RFC 7515, 4.1.11) and a proof of possession (RFC 7800): neither is supported.
                && !header.ContainsKey("crit")
                && !claims.ContainsKey("cnf")
                // One audience, not a list, and the issuer that belongs to the token's version.
                && Text(claims["aud"]) is not null
                && Text(claims["iss"])?.EndsWith("/v2.0", StringComparison.Ordinal) == (version == "2.0")
                && claims["exp"]?.GetValueKind() is System.Text.Json.JsonValueKind.Number
                && caller is not null && ClientId().IsMatch(caller);
            var isOfApplication = !claims.ContainsKey("scp")
                && (!claims.ContainsKey("idtyp") || Text(claims["idtyp"]) == "app");
            return isEntras ? new AccessToken(parts["token"].Value, caller!.ToLowerInvariant(), isOfApplication) : null;
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException
            or InvalidOperationException or System.Text.Json.JsonException or NullReferenceException)
        {
            return null;
        }
    }

    private static string? Text(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    [GeneratedRegex(@"^[Bb][Ee][Aa][Rr][Ee][Rr] +(?<token>(?<header>[\w-]+)\.(?<claims>[\w-]+)\.[\w-]+)\z", RegexOptions.ECMAScript)]
    private static partial Regex BearerToken();

    [GeneratedRegex(@"^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\z")]
    private static partial Regex ClientId();

    /// <summary>
    /// The tenant's keys with that id. Entra also publishes keys of other tenants, each with its issuer. ASP.NET ignores
    /// the issuer; here, keys of other issuers are not used.
    /// </summary>
    private static IEnumerable<SecurityKey> KeysFor(
        string token, SecurityToken parsed, string kid, TokenValidationParameters rules, BaseConfiguration configuration)
    {
        // …/TENANT_ID/v2.0
        var tenantId = new Uri(configuration.Issuer).Segments[^2].TrimEnd('/');
        return ((OpenIdConnectConfiguration)configuration).JsonWebKeySet.Keys.Where(key => key.Kid == kid && key.Kty == "RSA"
            && (!key.AdditionalData.TryGetValue("issuer", out var issuer)
                || rules.ValidIssuers.Contains($"{issuer}".Replace("{tenantid}", tenantId))));
    }

    /// <summary>False if Entra never answered. Checked first, because ASP.NET would report the token as invalid.</summary>
    private static async Task<bool> HasKeys(MessageReceivedContext context)
    {
        try
        {
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(context.HttpContext.RequestAborted);
            timeout.CancelAfter(KeysTimeout);
            var published = await context.Options.ConfigurationManager!.GetConfigurationAsync(timeout.Token);
            if (published.JsonWebKeySet?.Keys.Count > 0) return true;
            context.Options.ConfigurationManager.RequestRefresh();
            return false;
        }
        catch (Exception exception) when (exception is InvalidOperationException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Ocelot turns this into a 401; RequestGuard then writes the problem.</summary>
    private static void Refuse(ResultContext<JwtBearerOptions> context, Problem problem)
    {
        context.HttpContext.Items[typeof(Problem)] = problem;
        context.Fail(problem.Code);
    }
}
