using Microsoft.AspNetCore.Http.Features;

namespace Lkps.Gateway;

/// <summary>Makes of a caller's request one that the gateway may add its own word to. Runs before Ocelot.</summary>
public static class CallersRequest
{
    /// <summary>LKPS's own limit of a body, in bytes. Nobody is authenticated yet where bodies are buffered.</summary>
    private const long MaxBufferedBytes = 64 * 1024;

    public static async Task Clean(HttpContext context, RequestDelegate next)
    {
        var request = context.Request;
        // In any letter case, and however often. Ocelot itself overwrites a header only in its own spelling; with
        // another one, the caller's value would stay, before the true one.
        request.Headers.Remove("client-id");
        request.Headers.Remove("x-functions-key");

        // The Functions host loses a body that comes without its length.
        if (request.ContentLength is null && HasBody(context)) await GiveLength(context);
        await next(context);
    }

    private static bool HasBody(HttpContext context) =>
        context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody is true;

    private static async Task GiveLength(HttpContext context)
    {
        // More than this, and reading it ends in a 413.
        context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = MaxBufferedBytes;
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        body.Position = 0;
        context.Request.Body = body;
        context.Request.Headers.TransferEncoding = default;
        context.Request.ContentLength = body.Length;
    }
}
