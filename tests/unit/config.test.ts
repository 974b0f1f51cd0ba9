import { expect, test } from "vitest";
import { readConfig } from "../../src/config.ts";

const GUID = "11111111-2222-3333-4444-555555555555";
const good = {
  TABLES_CONNECTION_STRING: "UseDevelopmentStorage=true",
  LIVEKIT_URL: "wss://livekit.example.com",
  LIVEKIT_API_KEY: "the-key",
  LIVEKIT_API_SECRET: "a secret as long as it must be..".replaceAll(" ", "-"),
};
const accessToken = {
  ...good,
  CALLER_IDENTITY: "access-token",
  ENTRA_TENANT_ID: GUID,
  ENTRA_AUDIENCE: "api://lkps",
};

type Given = Record<string, string | undefined>;
const account = "AccountName=a;AccountKey=a2V5";
const remoteHttp = `DefaultEndpointsProtocol=http;${account};EndpointSuffix=core.windows.net`;

/** The settings that the message names. */
function named(settings: Given): string[] {
  try {
    readConfig(settings);
    return [];
  } catch (error) {
    return [...new Set(String(error).match(/[A-Z]+(_[A-Z]+)+/g) ?? [])].sort();
  }
}

test("uses the documented defaults", () => {
  expect(readConfig(good)).toEqual({
    callerIdentity: { mode: "gateway-header" },
    managedIdentityClientId: undefined,
    graph: {
      baseUrl: "https://graph.microsoft.com",
      cacheSeconds: 60,
      timeoutMs: 5_000,
      readsPerCaller: 200,
    },
    tables: {
      connection: { connectionString: good.TABLES_CONNECTION_STRING },
      agentsTable: "agents",
      sessionsTable: "sessions",
      timeoutMs: 3_000,
    },
    liveKit: {
      url: good.LIVEKIT_URL,
      apiUrl: "https://livekit.example.com",
      apiKey: good.LIVEKIT_API_KEY,
      apiSecret: good.LIVEKIT_API_SECRET,
    },
    console: undefined,
    liveSessionCheckSeconds: 60,
    sessionTokenTtlSeconds: 600,
    sessionRetentionDays: 90,
    publicBaseUrl: undefined,
    baseUrl: undefined,
  });
});

test("a mode with access tokens has the settings for them", () => {
  for (const mode of ["access-token", "gateway-header-and-access-token"]) {
    expect(readConfig({ ...accessToken, CALLER_IDENTITY: mode }).callerIdentity).toEqual({
      mode,
      tenantId: GUID,
      audiences: ["api://lkps"],
      authorityHost: "https://login.microsoftonline.com",
    });
  }
});

test("Table Storage is accessed by identity if an endpoint is set", () => {
  const TABLES_ENDPOINT = "https://account.table.core.windows.net";
  const { tables } = readConfig({ ...good, TABLES_CONNECTION_STRING: "", TABLES_ENDPOINT });
  expect(tables.connection).toEqual({ endpoint: TABLES_ENDPOINT });
});

test.each<[string, Given, string | undefined]>([
  [
    "the address that callers use",
    { PUBLIC_BASE_URL: "https://lkps.example.com", WEBSITE_HOSTNAME: "a.test" },
    "https://lkps.example.com",
  ],
  ["the app's own", { WEBSITE_HOSTNAME: "a.azurewebsites.net" }, "https://a.azurewebsites.net"],
  ["the app's own, also on loopback", { WEBSITE_HOSTNAME: "localhost:7071" }, "https://localhost:7071"],
  ["not known", {}, undefined],
])("the base URL is %s", (_, settings, expected) => {
  expect(readConfig({ ...good, ...settings }).baseUrl).toBe(expected);
});

test.each([
  [{ LIVEKIT_URL: "ws://127.0.0.1:7880" }, "http://127.0.0.1:7880"],
  [{ LIVEKIT_URL: "wss://livekit.example.com/rtc/" }, "https://livekit.example.com"],
  [{ LIVEKIT_API_URL: "https://api.example.com/" }, "https://api.example.com"],
  [{ LIVEKIT_API_URL: "http://localhost:7880" }, "http://localhost:7880"],
])("LiveKit's API with %j is at %s", (settings, apiUrl) => {
  expect(readConfig({ ...good, ...settings }).liveKit.apiUrl).toBe(apiUrl);
});

test.each(["0", "30", "60", "120", "300", "600"])("live sessions can be checked every %s s", (seconds) => {
  const { liveSessionCheckSeconds } = readConfig({ ...good, LIVE_SESSION_CHECK_SECONDS: seconds });
  expect(liveSessionCheckSeconds).toBe(Number(seconds));
});

test.each<[Given, object | undefined]>([
  [{}, undefined],
  [{ CONSOLE_CLIENT_ID: "" }, undefined],
  [
    { CONSOLE_CLIENT_ID: GUID },
    {
      authority: `https://login.microsoftonline.com/${GUID}`,
      clientId: GUID,
      scope: "api://lkps/access_as_user",
      graphBaseUrl: "https://graph.microsoft.com",
    },
  ],
])("with %j the console is %j", (settings, expected) => {
  expect(readConfig({ ...accessToken, ...settings }).console).toEqual(expected);
});

test("splits the audiences at commas", () => {
  const { callerIdentity } = readConfig({ ...accessToken, ENTRA_AUDIENCE: "api://lkps, other" });
  expect(callerIdentity).toMatchObject({ audiences: ["api://lkps", "other"] });
});

test("normalizes the address that callers use", () => {
  const publicBaseUrl = (PUBLIC_BASE_URL: string) => readConfig({ ...good, PUBLIC_BASE_URL }).publicBaseUrl;
  expect(publicBaseUrl("https://LKPS.example.com:443")).toBe("https://lkps.example.com");
  expect(publicBaseUrl("https://lkps.example.com/a/../b")).toBe("https://lkps.example.com/b");
});

test.each<[Given]>([
  [
    {
      GRAPH_CACHE_SECONDS: "0",
      GRAPH_TIMEOUT_MS: "100",
      TABLES_TIMEOUT_MS: "60000",
      SESSION_RETENTION_DAYS: "3650",
    },
  ],
  [{ GRAPH_BASE_URL: "http://127.0.0.1:7072", ENTRA_AUTHORITY_HOST: "http://localhost:7072/" }],
  [{ TABLES_CONNECTION_STRING: "", TABLES_ENDPOINT: "https://account.table.core.windows.net" }],
  [{ TABLES_CONNECTION_STRING: "", TABLES_ENDPOINT: "https://127.0.0.1:10002/devstoreaccount1" }],
  [
    {
      TABLES_CONNECTION_STRING:
        "TableEndpoint=https://a.table.core.windows.net;SharedAccessSignature=sv=1&sig=x%3D",
    },
  ],
  [{ TABLES_CONNECTION_STRING: `DefaultEndpointsProtocol=https;${account};EndpointSuffix=core.windows.net` }],
  [
    {
      TABLES_CONNECTION_STRING: `defaultendpointsprotocol=HTTP;${account};TABLEENDPOINT=http://[::1]:10002/a`,
    },
  ],
  [{ TABLES_CONNECTION_STRING: `${remoteHttp};TableEndpoint=https://a.table.core.windows.net/` }],
  [{ TABLES_CONNECTION_STRING: `${remoteHttp};TableEndpoint=http://localhost/a;BlobEndpoint=http://b.test` }],
  [{ TABLES_CONNECTION_STRING: "usedevelopmentstorage=TRUE;" }],
  [
    {
      TABLES_CONNECTION_STRING:
        "UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://127.0.0.1:10002",
    },
  ],
  [{ GRAPH_READS_PER_CALLER: "10" }],
  [{ GRAPH_READS_PER_CALLER: "10000" }],
  [{ PUBLIC_BASE_URL: "https://gateway.example.com/lkps/v1" }],
  [{ PUBLIC_BASE_URL: "http://127.0.0.1:7070" }],
  [{ ...accessToken, ENTRA_AUDIENCE: `${GUID}, https://graph.microsoft.com.example.com` }],
  [{ ...accessToken, ENTRA_TENANT_ID: GUID.toUpperCase() }],
  [{ LIVEKIT_API_SECRET: "é".repeat(16) }],
  [{ LIVEKIT_URL: "ws://localhost:7880", LIVEKIT_API_SECRET: "secret" }],
  [{ LIVEKIT_URL: "wss://[::1]", LIVEKIT_API_SECRET: "secret" }],
  [{ LIVEKIT_URL: "ws://127.0.0.1:7880", AZURE_CLIENT_ID: GUID, CALLER_IDENTITY: "gateway-header" }],
])("accepts %j", (settings) => expect(named({ ...good, ...settings })).toEqual([]));

test.each<[Given, string[]]>([
  [{ CALLER_IDENTITY: "header" }, ["CALLER_IDENTITY"]],
  [{ GRAPH_CACHE_SECONDS: "3601" }, ["GRAPH_CACHE_SECONDS"]],
  [{ GRAPH_TIMEOUT_MS: "99" }, ["GRAPH_TIMEOUT_MS"]],
  [{ GRAPH_TIMEOUT_MS: "5e3" }, ["GRAPH_TIMEOUT_MS"]],
  [{ TABLES_TIMEOUT_MS: "60001" }, ["TABLES_TIMEOUT_MS"]],
  [{ SESSION_RETENTION_DAYS: "0" }, ["SESSION_RETENTION_DAYS"]],
  [{ SESSION_TOKEN_TTL_SECONDS: "3601" }, ["SESSION_TOKEN_TTL_SECONDS"]],
  [{ SESSION_TOKEN_TTL_SECONDS: "600.5" }, ["SESSION_TOKEN_TTL_SECONDS"]],
  [{ GRAPH_BASE_URL: "http://graph.example.com" }, ["GRAPH_BASE_URL"]],
  [{ GRAPH_BASE_URL: "https://graph.microsoft.com/v1.0" }, ["GRAPH_BASE_URL"]],
  [{ GRAPH_BASE_URL: "http://127.0.0.1.example.com" }, ["GRAPH_BASE_URL"]],
  [{ ENTRA_AUTHORITY_HOST: "login.microsoftonline.com" }, ["ENTRA_AUTHORITY_HOST"]],
  [{ AZURE_CLIENT_ID: "lkps" }, ["AZURE_CLIENT_ID"]],
  [{ ...accessToken, CONSOLE_CLIENT_ID: "console" }, ["CONSOLE_CLIENT_ID"]],
  [{ CONSOLE_CLIENT_ID: GUID }, ["CALLER_IDENTITY", "CONSOLE_CLIENT_ID"]],
  [{ CONSOLE_CLIENT_ID: GUID, CALLER_IDENTITY: "gateway-header" }, ["CALLER_IDENTITY", "CONSOLE_CLIENT_ID"]],
  [{ CONSOLE_CLIENT_ID: GUID, CALLER_IDENTITY: "header" }, ["CALLER_IDENTITY"]],
  [{ LIVEKIT_URL: "https://livekit.example.com" }, ["LIVEKIT_URL"]],
  [{ LIVEKIT_API_URL: "wss://livekit.example.com" }, ["LIVEKIT_API_URL"]],
  [{ LIVEKIT_API_URL: "http://livekit.example.com" }, ["LIVEKIT_API_URL"]],
  [{ LIVEKIT_API_URL: "https://user@livekit.example.com" }, ["LIVEKIT_API_URL"]],
  [{ LIVE_SESSION_CHECK_SECONDS: "45" }, ["LIVE_SESSION_CHECK_SECONDS"]],
  [{ LIVE_SESSION_CHECK_SECONDS: "-60" }, ["LIVE_SESSION_CHECK_SECONDS"]],
  [{ LIVEKIT_URL: "ws://livekit.example.com" }, ["LIVEKIT_URL"]],
  [{ LIVEKIT_URL: "ws://127.0.0.1.example.com" }, ["LIVEKIT_URL"]],
  [{ LIVEKIT_URL: "ws://10.0.0.4:7880", LIVEKIT_API_SECRET: "s" }, ["LIVEKIT_API_SECRET", "LIVEKIT_URL"]],
  [{ LIVEKIT_API_SECRET: "x".repeat(31) }, ["LIVEKIT_API_SECRET"]],
  [
    { LIVEKIT_URL: "ws://[::1]", LIVEKIT_API_URL: "https://livekit.test", LIVEKIT_API_SECRET: "s" },
    ["LIVEKIT_API_SECRET"],
  ],
  [{ LIVEKIT_URL: "not an address", LIVEKIT_API_SECRET: "secret" }, ["LIVEKIT_URL"]],
  [{ GRAPH_READS_PER_CALLER: "9" }, ["GRAPH_READS_PER_CALLER"]],
  [{ GRAPH_READS_PER_CALLER: "10001" }, ["GRAPH_READS_PER_CALLER"]],
  [{ LIVEKIT_API_SECRET: "" }, ["LIVEKIT_API_SECRET"]],
  [{ LIVEKIT_API_SECRET: " " }, ["LIVEKIT_API_SECRET"]],
  [
    { LIVEKIT_API_SECRET: "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/s)" },
    ["LIVEKIT_API_SECRET"],
  ],
  [{ LIVEKIT_URL: " wss://livekit.example.com" }, ["LIVEKIT_URL"]],
  [{ GRAPH_BASE_URL: " https://graph.microsoft.com" }, ["GRAPH_BASE_URL"]],
  [{ GRAPH_BASE_URL: "https://graph.microsoft.com?" }, ["GRAPH_BASE_URL"]],
  [{ GRAPH_BASE_URL: "https://:pw@graph.microsoft.com" }, ["GRAPH_BASE_URL"]],
  [{ CALLER_IDENTITY: "access-tokens" }, ["CALLER_IDENTITY"]],
  [{ AGENTS_TABLE: "Tables" }, ["AGENTS_TABLE"]],
  ...[
    "http://lkps.example.com",
    "https://lkps.example.com/",
    "https://lkps.example.com/base/",
    "https://lkps.example.com?a=b",
    "https://lkps.example.com?",
    "https://lkps.example.com#a",
    "https://name:word@lkps.example.com",
    "https://lkps.example.com\\@example.org",
    "https:/lkps.example.com",
    "https://",
    "lkps.example.com",
    "wss://lkps.example.com",
    "http://localhost.example.com",
    " https://lkps.example.com",
    "https://lkps.example.com ",
  ].map((PUBLIC_BASE_URL): [Given, string[]] => [{ PUBLIC_BASE_URL }, ["PUBLIC_BASE_URL"]]),
  ...[
    "https://graph.microsoft.com",
    "https://graph.microsoft.com/",
    "HTTPS://Graph.Microsoft.Com",
    "https://graph.microsoft.com/.default",
    "https://graph.microsoft.com:443",
    "00000003-0000-0000-c000-000000000000",
    "00000003-0000-0000-C000-000000000000",
    "00000003-0000-0000-c000-000000000000/ags.windows.net",
    "SPN:00000003-0000-0000-c000-000000000000",
    "https://graph.microsoft.us",
    "https://dod-graph.microsoft.us/",
    "https://microsoftgraph.chinacloudapi.cn",
    "api://lkps, https://graph.microsoft.com",
  ].map((ENTRA_AUDIENCE): [Given, string[]] => [{ ...accessToken, ENTRA_AUDIENCE }, ["ENTRA_AUDIENCE"]]),
  [
    { GRAPH_BASE_URL: "https://graph.example.com", ENTRA_AUDIENCE: "https://Graph.example.com/" },
    ["ENTRA_AUDIENCE"],
  ],
  ...[
    remoteHttp,
    `${account};DefaultEndpointsProtocol=HTTP;EndpointSuffix=core.windows.net`,
    `DefaultEndpointsProtocol=https;${account};TableEndpoint=http://a.table.core.windows.net`,
    `DefaultEndpointsProtocol=https;${account};tableendpoint=http://a.test;TableEndpoint=https://a.test`,
    `DefaultEndpointsProtocol=https;${account};TableEndpoint=http://127.0.0.1@a.test`,
    `DefaultEndpointsProtocol=http;AccountName=a.test/;AccountKey=a2V5;EndpointSuffix=localhost`,
    "TableEndpoint=http://a.table.core.windows.net;SharedAccessSignature=sv=1&sig=x%3D",
    "UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://a.test",
    "UseDevelopmentStorage=true;developmentstorageproxyuri=https://a.test",
    `UseDevelopmentStorage=true;${account}`,
    `DefaultEndpointsProtocol=https;${account};TableEndpoint=https://a.test/usedevelopmentstorage=true`,
    // The SDK takes none of these.
    `${account};EndpointSuffix=core.windows.net`,
    `DefaultEndpointsProtocol=https;${account}`,
    `DefaultEndpointsProtocol=ftp;${account};EndpointSuffix=core.windows.net`,
    `DefaultEndpointsProtocol=https;${account};EndpointSuffix=core.windows.net;x`,
    "TableEndpoint=https://a.test/;SharedAccessSignature=sv=1",
    ` DefaultEndpointsProtocol=https;${account};EndpointSuffix=core.windows.net`,
    `DefaultEndpointsProtocol=https;${account};EndpointSuffix=core.windows.net\n`,
  ].map((TABLES_CONNECTION_STRING): [Given, string[]] => [
    { TABLES_CONNECTION_STRING },
    ["TABLES_CONNECTION_STRING"],
  ]),
  ...[
    "https://a.test?sv=1&sig=x",
    "https://name:word@a.test",
    "http://localhost:10002",
    "https://a.test ",
  ].map((TABLES_ENDPOINT): [Given, string[]] => [
    { TABLES_CONNECTION_STRING: "", TABLES_ENDPOINT },
    ["TABLES_ENDPOINT"],
  ]),
  [{ TABLES_CONNECTION_STRING: "AccountName=only" }, ["TABLES_CONNECTION_STRING"]],
  [
    { TABLES_CONNECTION_STRING: "TableEndpoint=zzz;AccountName=a;AccountKey=a" },
    ["TABLES_CONNECTION_STRING"],
  ],
  [{ TABLES_CONNECTION_STRING: "", TABLES_ENDPOINT: "http://127.0.0.1:10002" }, ["TABLES_ENDPOINT"]],
  [{ AGENTS_TABLE: "a-b" }, ["AGENTS_TABLE"]],
  [{ SESSIONS_TABLE: "Agents" }, ["AGENTS_TABLE", "SESSIONS_TABLE"]],
  [
    { TABLES_ENDPOINT: "https://account.table.core.windows.net" },
    ["TABLES_CONNECTION_STRING", "TABLES_ENDPOINT"],
  ],
  [{ TABLES_CONNECTION_STRING: "" }, ["TABLES_CONNECTION_STRING", "TABLES_ENDPOINT"]],
  [{ TABLES_CONNECTION_STRING: "nonsense" }, ["TABLES_CONNECTION_STRING"]],
  [{ CALLER_IDENTITY: "access-token" }, ["ENTRA_AUDIENCE", "ENTRA_TENANT_ID"]],
  [{ CALLER_IDENTITY: "gateway-header-and-access-token", ENTRA_TENANT_ID: GUID }, ["ENTRA_AUDIENCE"]],
  [
    { GRAPH_TIMEOUT_MS: "x", LIVEKIT_API_KEY: "", CALLER_IDENTITY: "access-token" },
    ["ENTRA_AUDIENCE", "ENTRA_TENANT_ID", "GRAPH_TIMEOUT_MS", "LIVEKIT_API_KEY"],
  ],
])("rejects %j, and lists every bad setting and no good one", (settings, bad) => {
  expect(named({ ...good, ...settings })).toEqual(bad);
});

test("lists everything that is required if nothing is set", () => {
  expect(named({})).toEqual([
    "LIVEKIT_API_KEY",
    "LIVEKIT_API_SECRET",
    "LIVEKIT_URL",
    "TABLES_CONNECTION_STRING",
    "TABLES_ENDPOINT",
  ]);
});

test("never repeats a value: it may be a secret in the wrong place", () => {
  const marked = Object.fromEntries(Object.keys(accessToken).map((name) => [name, "marked\u0000value"]));
  expect(() => readConfig({ ...marked, GRAPH_TIMEOUT_MS: "marked" })).toThrowError(/^(?!.*marked)/s);
});
