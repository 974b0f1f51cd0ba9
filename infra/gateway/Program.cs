using Lkps.Gateway;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Ocelot.DependencyInjection;
using Ocelot.Middleware;

var builder = WebApplication.CreateBuilder(args);
builder.Configuration.AddJsonFile("ocelot.json").AddEnvironmentVariables();
FunctionKey.AddTo(builder.Configuration);

// Authority, ValidIssuers and ValidAudiences come from the section Authentication:Schemes:Bearer.
builder.Services.AddAuthentication().AddJwtBearer(options =>
{
    // Without this, ASP.NET renames claims, and `azp` would be one upgrade away from another name.
    options.MapInboundClaims = false;
    var token = options.TokenValidationParameters;
    token.ValidAlgorithms = ["RS256"];
    token.ClockSkew = TimeSpan.FromSeconds(60);
    // From configuration, ASP.NET checks these two only where it finds values: a forgotten list would accept any.
    token.ValidateAudience = true;
    token.ValidateIssuer = true;
    options.Events = new JwtBearerEvents { OnTokenValidated = CallingApplication.NameAsAzp };
});
builder.Services.AddOcelot(builder.Configuration);

var app = builder.Build();
app.Use(CallersRequest.Clean);
await app.UseOcelot(pipeline =>
{
    // Ocelot authenticates no WebSocket: it would reach LKPS with whatever headers its caller chose.
    pipeline.WebSocketsMiddleware = (context, _) =>
    {
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return Task.CompletedTask;
    };
});
await app.RunAsync();
