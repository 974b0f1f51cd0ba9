using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;

namespace Lkps.Gateway;

/// <summary>
/// Runs before Ocelot: rejects requests that Ocelot would let through, removes headers that only the gateway may set, and
/// answers every error as a problem.
/// </summary>
public sealed partial class RequestGuard(RequestDelegate next, LkpsRoutes routes)
{
    /// <summary>LKPS's own limit for a body, in bytes. Bodies are read before the caller is authenticated.</summary>
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
        // Ocelot does not authenticate WebSockets: they would reach LKPS with any headers the caller chose. In HTTP/2 and
        // HTTP/3, CONNECT opens one.
        if (HttpMethods.IsConnect(request.Method) || AsksForWebSocket(request))
            return Problem.InvalidRequest("LKPS does not support WebSockets or tunnels.");
        // ASP.NET decodes a path once, Ocelot matches its routes on that, and .NET decodes what is left when it builds
        // the address of LKPS: %252e%252e would lead from one route to another, with the rights of the first. An encoded
        // \, ? or # leads to the wrong path too, as does everything after a &. No path of LKPS needs any of them.
        var path = request.Path.Value ?? "";
        if (!PlainPath().IsMatch(path) || path.Split('/').Any(segment => segment is "." or ".."))
            return Problem.InvalidRequest("The path can contain only letters, digits, and -._~/, and no dot segments.");
        return routes.Match(request.Method, path) ? null : Problem.NotFound;
    }

    [GeneratedRegex(@"^[A-Za-z0-9\-._~/]*\z")]
    private static partial Regex PlainPath();

    private static bool AsksForWebSocket(HttpRequest request) => request.Headers.Upgrade
        .Any(value => value?.Contains("websocket", StringComparison.OrdinalIgnoreCase) is true);

    private static void RemoveWhatIsNotTheCallers(HttpRequest request)
    {
        var headers = request.Headers;
        // In any letter case, however often. Ocelot overwrites a header only in the same letter case; otherwise the
        // caller's value would stay, before the real one.
        headers.Remove("client-id");
        headers.Remove("x-functions-key");
        // The query parameter code, in any letter case, can contain a function key too.
        var query = request.QueryString.Value?.TrimStart('?').Split('&').Where(pair => !IsKey(pair));
        request.QueryString = new QueryString(query?.Any(pair => pair != "") is true ? $"?{string.Join('&', query)}" : "");
        // These are for this gateway only. A server may ignore an upgrade (RFC 9110, 7.8): Java's client asks for HTTP/2 with
        // each request.
        foreach (var name in (string[])["Connection", "Upgrade", "HTTP2-Settings", "Expect"]) headers.Remove(name);
        // LKPS would ignore it, but .NET cannot send a header that is not ASCII.
        if (Problem.RequestId(request) is null) headers.Remove("X-Request-ID");
    }

    private static bool IsKey(string pair)
    {
        foreach (var parameter in new QueryStringEnumerable(pair))
            if (parameter.DecodeName().Span.Equals("code", StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }

    /// <summary>
    /// Reads the whole body: the Functions host loses a body without a length, and a malformed one fails here instead of in
    /// the middle of Ocelot.
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
            // Counted here because the server's own limit includes the framing of chunks.
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
                : Problem.InvalidRequest("The body is malformed, for example one of its chunks.", exception.StatusCode);
        }
        catch (IOException)
        {
            return Problem.InvalidRequest("The connection closed before the body was complete.");
        }
        body.Position = 0;
        request.Body = body;
        request.Headers.TransferEncoding = default;
        request.ContentLength = body.Length;
        return null;
    }
}
