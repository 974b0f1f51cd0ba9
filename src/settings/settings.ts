import * as z from "zod/mini";
import { isGraphAudience } from "./graph-audience.ts";
import {
  audiences,
  baseUrl,
  checkSeconds,
  connectionString,
  guid,
  isLoopback,
  liveKitUrl,
  origin,
  required,
  tableName,
  tablesEndpoint,
  wholeNumber,
} from "./value-schemas.ts";

const CALLER_IDENTITIES = ["gateway-header", "access-token", "gateway-header-and-access-token"] as const;
// RFC 7518, 3.2: at least as long as the hash of HS256.
const MIN_SECRET_BYTES = 32;

/** All settings, by their names in the app settings. A test compares them with the README. */
export const settingsSchema = z.object({
  /** How LKPS identifies the caller. */
  CALLER_IDENTITY: z._default(
    z.enum(CALLER_IDENTITIES, { error: `must be one of ${CALLER_IDENTITIES.join(", ")}` }),
    "gateway-header",
  ),
  /** The URL that callers use: the gateway's, if there is one. */
  PUBLIC_BASE_URL: z.optional(baseUrl),
  /** The tenant whose access tokens LKPS accepts. Required with access tokens. */
  ENTRA_TENANT_ID: z.optional(guid),
  /** The accepted token audiences, separated by commas. Required with access tokens. */
  ENTRA_AUDIENCE: z.optional(audiences),
  /** Where Entra publishes the tenant's keys. Change it for another cloud or the local stand-in. */
  ENTRA_AUTHORITY_HOST: z._default(origin, "https://login.microsoftonline.com"),
  /** The URL of Microsoft Graph. Change it for another cloud or the local stand-in. */
  GRAPH_BASE_URL: z._default(origin, "https://graph.microsoft.com"),
  /** How long an app registration is cached. */
  GRAPH_CACHE_SECONDS: wholeNumber(0, 3_600, 60),
  /** The time limit for a read of Graph, including retries and the managed identity's token. */
  GRAPH_TIMEOUT_MS: wholeNumber(100, 60_000, 5_000),
  /** The maximum number of requests to Graph that one caller may cause in 10 seconds on one instance. */
  GRAPH_READS_PER_CALLER: wholeNumber(10, 10_000, 200),
  /** The client id of the user-assigned managed identity. */
  AZURE_CLIENT_ID: z.optional(guid),
  /** The Table Storage endpoint, used with the managed identity. Set this or the connection string. */
  TABLES_ENDPOINT: z.optional(tablesEndpoint),
  /** The Table Storage connection string, for Azurite. */
  TABLES_CONNECTION_STRING: z.optional(connectionString),
  /** The table of registrations; created on first use. */
  AGENTS_TABLE: z._default(tableName, "agents"),
  /** The table of session records; created on first use. */
  SESSIONS_TABLE: z._default(tableName, "sessions"),
  /** The time limit of one table operation, including retries. */
  TABLES_TIMEOUT_MS: wholeNumber(100, 60_000, 3_000),
  /** How long session records are kept. */
  SESSION_RETENTION_DAYS: wholeNumber(1, 3_650, 90),
  /** The LiveKit server, returned to clients. */
  LIVEKIT_URL: liveKitUrl,
  /** The LiveKit API key for participant tokens. */
  LIVEKIT_API_KEY: required(),
  /** The LiveKit API secret that signs participant tokens. */
  LIVEKIT_API_SECRET: required(),
  /** Where LiveKit's server API responds, if not at LIVEKIT_URL. */
  LIVEKIT_API_URL: z.optional(origin),
  /** How often the live sessions are checked; 0 turns the check off. */
  LIVE_SESSION_CHECK_SECONDS: checkSeconds,
  /** The application that people sign in to the console with; turns the console on. */
  CONSOLE_CLIENT_ID: z.optional(guid),
  /** How long a participant token can be used to join. */
  SESSION_TOKEN_TTL_SECONDS: wholeNumber(60, 3_600, 600),
});

/** The validated settings, with defaults applied. */
export type Settings = z.output<typeof settingsSchema>;

/** The settings as strings from the environment. */
export type RawSettings = Readonly<Partial<Record<keyof Settings, string>>>;

/**
 * Validates rules that span several settings. Separate from the schema, so that all errors are in one
 * message.
 */
export function crossSettingErrors(raw: RawSettings): string[] {
  const errors: string[] = [];
  if (raw.CALLER_IDENTITY === "access-token" || raw.CALLER_IDENTITY === "gateway-header-and-access-token") {
    for (const name of ["ENTRA_TENANT_ID", "ENTRA_AUDIENCE"] as const) {
      if (raw[name] === undefined) errors.push(`${name} is missing: it is required to verify access tokens`);
    }
  }
  const { CALLER_IDENTITY: mode = "gateway-header", CONSOLE_CLIENT_ID: consoleClientId } = raw;
  if (mode === "gateway-header" && consoleClientId !== undefined) {
    errors.push("CONSOLE_CLIENT_ID requires CALLER_IDENTITY with access tokens: only a token names a person");
  }
  const { ENTRA_AUDIENCE: audience, GRAPH_BASE_URL: graph = "https://graph.microsoft.com" } = raw;
  if (audience?.split(",").some((each) => isGraphAudience(each.trim(), graph))) {
    errors.push("ENTRA_AUDIENCE must not include Microsoft Graph: its tokens are not meant for LKPS");
  }
  if ((raw.TABLES_ENDPOINT === undefined) === (raw.TABLES_CONNECTION_STRING === undefined)) {
    errors.push("TABLES_ENDPOINT and TABLES_CONNECTION_STRING: set exactly one of them");
  }
  const { AGENTS_TABLE: agents = "agents", SESSIONS_TABLE: sessions = "sessions" } = raw;
  if (agents.toLowerCase() === sessions.toLowerCase()) {
    errors.push("AGENTS_TABLE and SESSIONS_TABLE must be different tables");
  }
  const { LIVEKIT_URL: liveKit = "", LIVEKIT_API_URL: liveKitApi = "", LIVEKIT_API_SECRET: secret } = raw;
  const isShort = secret !== undefined && Buffer.byteLength(secret) < MIN_SECRET_BYTES;
  if (isShort && [liveKit, liveKitApi].some((url) => URL.canParse(url) && !isLoopback(url))) {
    errors.push(`LIVEKIT_API_SECRET must have at least ${MIN_SECRET_BYTES} bytes`);
  }
  return errors;
}
