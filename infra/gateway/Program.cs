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
    // Claims keep the names that Entra gave them.
    options.MapInboundClaims = false;
    var token = options.TokenValidationParameters;
    token.ValidAlgorithms = ["RS256"];
    token.ClockSkew = TimeSpan.FromSeconds(60);
    // Said here, for there are versions of ASP.NET that check these two only where the settings name some.
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
