using Ocelot.Middleware;

namespace Lkps.Gateway;

/// <summary>An error of the gateway itself, as a problem of RFC 9457. It never replaces an answer from LKPS.</summary>
public sealed record Problem(int Status, string Code, string Title, string Detail)
{
    public static readonly Problem CallerUnidentified = new(401, "caller_unidentified",
        "The caller could not be identified",
        "Send an access token for LKPS, issued by Microsoft Entra ID, as Authorization: Bearer.")
        { Challenge = "Bearer" };

    public static readonly Problem InvalidToken = new(401, "invalid_token",
        "The access token is not valid",
        "Send one access token for LKPS, issued by Microsoft Entra ID, as Authorization: Bearer.")
        { Challenge = "Bearer error=\"invalid_token\"" };

    public static readonly Problem ApplicationTokenRequired = new(403, "application_token_required",
        "An application token is required",
        "Call this route with an access token that the agent requested for itself: with its managed identity or its"
        + " client credentials.");

    public static readonly Problem NotFound = new(404, "not_found",
        "There is no such route",
        "LKPS has no route with this path and method. GET /api/docs lists all of them.");

    public static readonly Problem BodyTooLarge = new(413, "body_too_large",
        "The body is too large",
        "A body can have at most 64 KiB; a webhook, 1 MiB.");

    public static readonly Problem DirectoryUnavailable = new(503, "directory_unavailable",
        "Microsoft Entra ID is not available",
        "The gateway could not get the tenant's keys from Microsoft Entra ID. Try again later.")
        { RetryAfterSeconds = 10 };

    private static readonly Problem BadGateway = new(502, "bad_gateway",
        "LKPS could not be reached",
        "The gateway could not reach LKPS. Try again later.");

    private static readonly Problem InternalError = new(500, "internal_error",
        "Something went wrong",
        "The gateway could not handle the request. Report the instance of this problem to its operators.");

    private string? Challenge { get; init; }
    private int? RetryAfterSeconds { get; init; }

    public static Problem InvalidRequest(string detail, int status = 400) =>
        new(status, "invalid_request", "The request is not valid", detail);

    /// <summary>Ocelot's own errors, which have a status and no body; null if LKPS answered.</summary>
    public static Problem? After(HttpContext context)
    {
        if (context.Items.DownstreamResponse() is not null) return null;
        return context.Response.StatusCode switch
        {
            400 => InvalidRequest("The gateway could not forward this request because its headers are malformed."),
            401 or 403 => context.Items[typeof(Problem)] as Problem ?? InvalidToken,
            404 => NotFound,
            413 => BodyTooLarge,
            500 when context.Items.Errors().Count == 0 => InternalError,
            _ => BadGateway,
        };
    }

    /// <summary>The caller's id for its request, if it is 1 to 128 printable ASCII characters.</summary>
    public static string? RequestId(HttpRequest request)
    {
        var given = request.Headers["X-Request-ID"].ToString();
        return given.Length is >= 1 and <= 128 && given.All(c => c is >= ' ' and <= '~') ? given : null;
    }

    public Task WriteTo(HttpContext context)
    {
        var answer = context.Response.Headers;
        answer.CacheControl = "no-store";
        if (Challenge is not null) answer.WWWAuthenticate = Challenge;
        if (RetryAfterSeconds is not null) answer.RetryAfter = RetryAfterSeconds.ToString();
        if (RequestId(context.Request) is { } requestId) answer["X-Request-ID"] = requestId;
        // Relative unless PUBLIC_BASE_URL is set: callers control the header Host.
        var address = context.RequestServices.GetRequiredService<IConfiguration>()["PUBLIC_BASE_URL"];
        return Results.Problem(
            type: $"{address}/api/docs/problems.html#{Code}",
            title: Title,
            statusCode: Status,
            detail: Detail,
            // The id is also in Ocelot's log lines, if the request reached Ocelot.
            instance: $"urn:lkps:gateway:{context.TraceIdentifier}",
            extensions: new Dictionary<string, object?> { ["code"] = Code }).ExecuteAsync(context);
    }
}
