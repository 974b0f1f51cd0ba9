using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace Lkps.Gateway;

/// <summary>
/// Runs before Ocelot: refuses what Ocelot would let through, takes away what only the gateway may say, and answers
/// every refusal as a problem.
/// </summary>
public sealed partial class RequestGuard(RequestDelegate next, LkpsRoutes routes)
{
    /// <summary>LKPS's own limit of a body, in bytes. Nobody is authenticated yet where bodies are read.</summary>
    private const int MaxBodyBytes = 64 * 1024;

    public async Task InvokeAsync(HttpContext context)
    {
        var refusal = Refuse(context.Request) ?? await ReadBody(context);
        if (refusal is null)
        {
            RemoveWhatIsNotTheCallers(context.Request);
            await next(context);
            refusal = Problem.After(context);
        }
        if (refusal is not null && !context.Response.HasStarted) await refusal.WriteTo(context);
    }

    private Problem? Refuse(HttpRequest request)
    {
        // Ocelot authenticates no WebSocket: it would reach LKPS with whatever headers its caller chose. In HTTP/2 and
        // HTTP/3 one is asked for by CONNECT.
        if (HttpMethods.IsConnect(request.Method) || AsksForWebSocket(request))
            return Problem.InvalidRequest("LKPS has no WebSockets and no tunnels.");
        // ASP.NET decodes a path once, Ocelot matches its routes on that, and .NET decodes what is left when it builds
        // the address of LKPS: %252e%252e would lead from one route to another, with the first one's rights. An
        // encoded \, ? or #, and everything behind a &, go astray likewise. No path of LKPS needs any of them.
        var path = request.Path.Value ?? "";
        if (!PlainPath().IsMatch(path) || path.Split('/').Any(segment => segment is "." or ".."))
            return Problem.InvalidRequest("The path may have letters, digits and -._~/ only, and no dot segments.");
        return routes.Have(request.Method, path) ? null : Problem.NotFound;
    }

    [GeneratedRegex(@"^[A-Za-z0-9\-._~/]*\z")]
    private static partial Regex PlainPath();

    private static bool AsksForWebSocket(HttpRequest request) => request.Headers.Upgrade
        .Any(value => value?.Contains("websocket", StringComparison.OrdinalIgnoreCase) is true);

    private static void RemoveWhatIsNotTheCallers(HttpRequest request)
    {
        var headers = request.Headers;
        // In any letter case, and however often. Ocelot itself overwrites a header only in its own spelling; with
        // another one, the caller's value would stay, before the true one.
        headers.Remove("client-id");
        headers.Remove("x-functions-key");
        // The function key may also stand in the query, as code in any letter case.
        var query = request.QueryString.Value?.TrimStart('?').Split('&').Where(pair => !IsKey(pair));
        request.QueryString = new QueryString(query?.Any(pair => pair != "") is true ? $"?{string.Join('&', query)}" : "");
        // These were for this gateway. An upgrade other than to a WebSocket, as Java's client asks for HTTP/2 with each
        // request, may be ignored (RFC 9110, 7.8).
        foreach (var name in (string[])["Connection", "Upgrade", "HTTP2-Settings", "Expect"]) headers.Remove(name);
        // LKPS would leave it out, but .NET sends nothing that is not ASCII.
        if (Problem.RequestId(request) is null) headers.Remove("X-Request-ID");
    }

    private static bool IsKey(string pair)
    {
        foreach (var parameter in new QueryStringEnumerable(pair))
            if (parameter.DecodeName().Span.Equals("code", StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }

    /// <summary>
    /// Reads the body whole: the Functions host loses one that comes without its length, and what is wrong with it shows
    /// here, not in the middle of Ocelot.
    /// </summary>
    private static async Task<Problem?> ReadBody(HttpContext context)
    {
        var request = context.Request;
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody is not true) return null;
        if (request.ContentLength > MaxBodyBytes) return Problem.BodyTooLarge;
        var body = new MemoryStream();
        var buffer = new byte[8192];
        try
        {
            // Counted here: the server's own limit counts the framing of chunks as well.
            while (await request.Body.ReadAsync(buffer) is > 0 and var count)
            {
                if (body.Length + count > MaxBodyBytes) return Problem.BodyTooLarge;
                body.Write(buffer, 0, count);
            }
        }
        catch (BadHttpRequestException exception)
        {
            return exception.StatusCode == 413
                ? Problem.BodyTooLarge
                : Problem.InvalidRequest("The body is not sent as HTTP asks for.", exception.StatusCode);
        }
        catch (IOException)
        {
            return Problem.InvalidRequest("The body broke off.");
        }
        body.Position = 0;
        request.Body = body;
        request.Headers.TransferEncoding = default;
        request.ContentLength = body.Length;
        return null;
    }
}
