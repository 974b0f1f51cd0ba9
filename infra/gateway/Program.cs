using System.Text;
using Lkps.Gateway;
using Ocelot.DependencyInjection;
using Ocelot.Middleware;

// Otherwise, ASP.NET checks the token of every request first, even on routes that need no caller.
AppContext.SetSwitch("Microsoft.AspNetCore.Authentication.SuppressAutoDefaultScheme", true);
var builder = WebApplication.CreateBuilder(args);
builder.Configuration.AddJsonFile("ocelot.json").AddEnvironmentVariables();
var routes = new LkpsRoutes(builder.Configuration);
var origins = BrowserOrigins.In(builder.Configuration);

// Otherwise, the server itself answers a header that is not UTF-8 with an empty 400.
builder.WebHost.ConfigureKestrel(server => server.RequestHeaderEncodingSelector = _ => Encoding.Latin1);
builder.Services.AddAuthentication().AddJwtBearer(AccessToken.Check);
builder.Services.AddOcelot(builder.Configuration);
builder.Services.AddCors(options => options.AddDefaultPolicy(policy => BrowserOrigins.Allow(origins, policy)));

var app = builder.Build();
// A preflight has no token and ends here. The request that follows goes through everything below.
if (origins.Length > 0) app.UseCors();
app.UseMiddleware<RequestGuard>(routes);
await app.UseOcelot();
await app.RunAsync();
