using System.Text;
using Lkps.Gateway;
using Ocelot.DependencyInjection;
using Ocelot.Middleware;

// Or ASP.NET looks at the token of each request before anything else, also where no caller is needed.
AppContext.SetSwitch("Microsoft.AspNetCore.Authentication.SuppressAutoDefaultScheme", true);
var builder = WebApplication.CreateBuilder(args);
builder.Configuration.AddJsonFile("ocelot.json").AddEnvironmentVariables();
var routes = new LkpsRoutes(builder.Configuration);
var origins = BrowserOrigins.In(builder.Configuration);

// Or the server itself answers a header that is not UTF-8, with an empty 400.
builder.WebHost.ConfigureKestrel(server => server.RequestHeaderEncodingSelector = _ => Encoding.Latin1);
builder.Services.AddAuthentication().AddJwtBearer(AccessToken.Check);
builder.Services.AddOcelot(builder.Configuration);
builder.Services.AddCors(options => options.AddDefaultPolicy(policy => BrowserOrigins.Allow(origins, policy)));

var app = builder.Build();
// A preflight has no token and ends here; what it asked for goes the whole way below. Without origins nothing is added.
if (origins.Length > 0) app.UseCors();
app.UseMiddleware<RequestGuard>(routes);
await app.UseOcelot();
await app.RunAsync();
