// What the author of a C# client writes with the client that Kiota generated from the OpenAPI document.
using System.Text.Json;
using Lkps;
using Lkps.Models;
using Microsoft.Kiota.Abstractions.Authentication;
using Microsoft.Kiota.Http.HttpClientLibrary;

string Setting(string name) => Environment.GetEnvironmentVariable(name)!;
LkpsClient ClientOf(string accessToken) => new(new HttpClientRequestAdapter(
    new BaseBearerTokenAuthenticationProvider(new OneToken(accessToken))) { BaseUrl = Setting("BASE_URL") });

var agentId = Guid.Parse(Setting("AGENT"));
var registration = await ClientOf(Setting("AGENT_TOKEN")).Api.Agent.Register.PostAsync(
    new RegistrationRequest { ServiceConfig = new ServiceConfigRequest { EnforceClientAuthz = true } });

var client = ClientOf(Setting("CLIENT_TOKEN"));
var session = await client.Api.Session.Start.PostAsync(new SessionRequest
{
    RoomConfig = new RoomConfiguration { Agents = [new RoomAgentDispatch { AgentName = agentId }] },
});
var batch = await client.Api.Access.V1.Evaluations.PostAsync(new EvaluationsRequest
{
    Action = new ActionObject { Name = "access_as_client" },
    Resource = new Resource { Type = "agent", Id = Setting("AGENT") },
    Evaluations = [new BatchedEvaluation { Subject = new Subject { Type = "client_application", Id = Setting("CLIENT") } }],
});

async Task<Problem?> RefusalOf(string accessToken)
{
    try
    {
        await ClientOf(accessToken).Api.Session.Start.PostAsync(new SessionRequest { AgentEntraAppId = agentId });
        return null;
    }
    catch (Problem problem)
    {
        return problem;
    }
}
var denial = await RefusalOf(Setting("STRANGER_TOKEN"));
var unidentified = await RefusalOf("not-a-token");

Console.WriteLine(JsonSerializer.Serialize(new
{
    registered = registration?.ServiceConfig?.EnforceClientAuthz,
    joins = session?.RoomName,
    with = session?.ParticipantToken,
    decided = batch?.Evaluations?.Select(evaluation => evaluation.Context?.Code),
    denial = new { status = denial?.Status, code = denial?.Code, check = denial?.Check, detail = denial?.Detail },
    unidentified = unidentified?.Code,
}));

class OneToken(string accessToken) : IAccessTokenProvider
{
    public AllowedHostsValidator AllowedHostsValidator { get; } = new();

    public Task<string> GetAuthorizationTokenAsync(
        Uri uri, Dictionary<string, object>? additional = default, CancellationToken cancellation = default) =>
        Task.FromResult(accessToken);
}
