import { expect, test } from "vitest";
import { readConfig } from "../../src/config.ts";

const GUID = "11111111-2222-3333-4444-555555555555";
const good = {
  TABLES_CONNECTION_STRING: "UseDevelopmentStorage=true",
  LIVEKIT_URL: "wss://livekit.example.com",
  LIVEKIT_API_KEY: "the-key",
  LIVEKIT_API_SECRET: "the-secret",
};
const accessToken = {
  ...good,
  CALLER_IDENTITY: "access-token",
  ENTRA_TENANT_ID: GUID,
  ENTRA_AUDIENCE: "api://lkps",
};

/** The settings that the message names. */
function named(settings: Record<string, string | undefined>): string[] {
  try {
    readConfig(settings);
    return [];
  } catch (error) {
    return [...new Set(String(error).match(/[A-Z]+(_[A-Z]+)+/g) ?? [])].sort();
  }
}

test("takes the contract's defaults", () => {
  expect(readConfig(good)).toEqual({
    ...good,
    CALLER_IDENTITY: "gateway-header",
    ENTRA_AUTHORITY_HOST: "https://login.microsoftonline.com",
    GRAPH_BASE_URL: "https://graph.microsoft.com",
    GRAPH_CACHE_SECONDS: 60,
    GRAPH_TIMEOUT_MS: 5000,
    AGENTS_TABLE: "agents",
    SESSIONS_TABLE: "sessions",
    TABLES_TIMEOUT_MS: 3000,
    SESSION_RETENTION_DAYS: 90,
    SESSION_TOKEN_TTL_SECONDS: 600,
  });
});

test("splits the audiences at commas", () => {
  expect(readConfig({ ...accessToken, ENTRA_AUDIENCE: "api://lkps, other" }).ENTRA_AUDIENCE).toEqual([
    "api://lkps",
    "other",
  ]);
});

test.each([
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
  [{ TABLES_CONNECTION_STRING: "AccountName=a;AccountKey=a2V5;EndpointSuffix=core.windows.net" }],
  [{ LIVEKIT_URL: "ws://127.0.0.1:7880", AZURE_CLIENT_ID: GUID, CALLER_IDENTITY: "gateway-header" }],
])("takes %j", (settings) => expect(named({ ...good, ...settings })).toEqual([]));

test.each([
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
  [{ LIVEKIT_URL: "https://livekit.example.com" }, ["LIVEKIT_URL"]],
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
])("refuses %j and names every bad setting and no good one", (settings, bad) => {
  expect(named({ ...good, ...settings })).toEqual(bad);
});

test("names everything that is needed where nothing is set", () => {
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
