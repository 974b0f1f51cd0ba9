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
var origins = BrowserOrigins.In(builder.Configuration);
builder.Services.AddCors(options => options.AddDefaultPolicy(policy => BrowserOrigins.Allow(origins, policy)));

var app = builder.Build();
// A preflight has no token and ends here; what it asked for goes the whole way below. Without origins nothing is added.
if (origins.Length > 0) app.UseCors();
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
