import * as z from "zod/mini";
import { parseGuid } from "./domain/client-id.ts";

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);
const CALLER_IDENTITIES = ["gateway-header", "access-token", "gateway-header-and-access-token"] as const;

const required = () =>
  z.string({ error: "is missing" }).check(
    z.regex(/^\S+$/, { error: "must not have white space" }),
    // The platform hands over the reference itself where it cannot resolve it; signed with, it would be a known secret.
    z.refine((value) => !value.startsWith("@Microsoft.KeyVault("), {
      error: "is a Key Vault reference that was not resolved",
    }),
  );

const guid = z
  .string()
  .check(z.refine((value) => parseGuid(value) !== undefined, { error: "must be a GUID" }));

const wholeNumber = (least: number, most: number, byDefault: number) => {
  const error = `must be a whole number from ${least} to ${most}`;
  const digits = z.string().check(z.regex(/^\d+$/, { error }));
  const inRange = z.number().check(z.minimum(least, { error }), z.maximum(most, { error }));
  return z._default(z.pipe(z.pipe(digits, z.transform(Number)), inRange), byDefault);
};

/** An address without path or query: `https`, or `http` where nothing leaves the machine. */
const origin = z.pipe(
  z.string().check(
    z.refine(
      (value) => {
        const url = /^https?:\/\/[^\s/?#@]+\/?$/.test(value) ? URL.parse(value) : null;
        return url?.protocol === "https:" || (url?.protocol === "http:" && LOOPBACK.has(url.hostname));
      },
      { error: "must be an https address without a path (http for loopback only)" },
    ),
  ),
  z.transform((value) => new URL(value).origin),
);

/** Access tokens travel to it, so it is `https` in any case. */
const tablesEndpoint = z.string().check(
  z.refine((value) => /^https:\/\/[^\s?#@]+$/.test(value) && URL.canParse(value), {
    error: "must be an https address",
  }),
);

/** @see https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string */
function isConnectionString(value: string): boolean {
  if (/^UseDevelopmentStorage=true;?$/i.test(value)) return true;
  const parts = new Map(
    value.split(";").map((part) => [part.split("=", 1)[0], part.slice(part.indexOf("=") + 1)]),
  );
  const endpoint = parts.get("TableEndpoint");
  if (endpoint !== undefined && !URL.canParse(endpoint)) return false;
  if (parts.get("AccountName") && parts.get("AccountKey")) return true;
  return endpoint !== undefined && Boolean(parts.get("SharedAccessSignature"));
}

/** @see https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model#table-names */
const tableName = z.string().check(
  z.refine((value) => /^[A-Za-z][A-Za-z0-9]{2,62}$/.test(value) && value.toLowerCase() !== "tables", {
    error: "must be a table name: 3 to 63 letters and digits, a letter first, and not the word tables",
  }),
);

const audiences = z
  .pipe(
    z.string(),
    z.transform((value) => value.split(",").map((audience) => audience.trim())),
  )
  .check(z.refine((values) => !values.includes(""), { error: "must be audiences separated by commas" }));

const connectionString = z
  .string()
  .check(z.refine(isConnectionString, { error: "must be a connection string of a storage account" }));

const liveKitUrl = required().check(
  z.refine((value) => /^wss?:\/\/[^\s@]+$/.test(value) && URL.canParse(value), {
    error: "must be a wss:// (or ws://) address",
  }),
);

/** Every setting of the service, by its name in the app settings. The README's table is held against this. */
export const settingsSchema = z.object({
  /** How the caller is told. */
  CALLER_IDENTITY: z._default(
    z.enum(CALLER_IDENTITIES, { error: `must be one of ${CALLER_IDENTITIES.join(", ")}` }),
    "gateway-header",
  ),
  /** The tenant whose access tokens count. Needed with access tokens. */
  ENTRA_TENANT_ID: z.optional(guid),
  /** The audiences of access tokens for LKPS, separated by commas. Needed with access tokens. */
  ENTRA_AUDIENCE: z.optional(audiences),
  /** Where Entra publishes the tenant's keys: another cloud's address, or the local stand-in's. */
  ENTRA_AUTHORITY_HOST: z._default(origin, "https://login.microsoftonline.com"),
  /** Microsoft Graph: another cloud's address, or the local stand-in's. */
  GRAPH_BASE_URL: z._default(origin, "https://graph.microsoft.com"),
  /** How long an application read from Graph serves. */
  GRAPH_CACHE_SECONDS: wholeNumber(0, 3_600, 60),
  /** The most that a read of Graph may take, all in all. */
  GRAPH_TIMEOUT_MS: wholeNumber(100, 60_000, 5_000),
  /** How many requests to Graph one caller may cause in 10 s. */
  GRAPH_READS_PER_CALLER: wholeNumber(10, 10_000, 200),
  /** The user-assigned managed identity. */
  AZURE_CLIENT_ID: z.optional(guid),
  /** Table Storage, reached by the managed identity. This or the connection string. */
  TABLES_ENDPOINT: z.optional(tablesEndpoint),
  /** Table Storage, reached by connection string: Azurite. */
  TABLES_CONNECTION_STRING: z.optional(connectionString),
  /** The table of registrations; made at the first use. */
  AGENTS_TABLE: z._default(tableName, "agents"),
  /** The table of session records; made at the first use. */
  SESSIONS_TABLE: z._default(tableName, "sessions"),
  /** The most that a table operation may take, all in all. */
  TABLES_TIMEOUT_MS: wholeNumber(100, 60_000, 3_000),
  /** How long session records are kept. */
  SESSION_RETENTION_DAYS: wholeNumber(1, 3_650, 90),
  /** The LiveKit server that sessions are for; handed to clients. */
  LIVEKIT_URL: liveKitUrl,
  /** The key that participant tokens are signed for. */
  LIVEKIT_API_KEY: required(),
  /** The secret that participant tokens are signed with. */
  LIVEKIT_API_SECRET: required(),
  /** How long a participant token may be used to join. */
  SESSION_TOKEN_TTL_SECONDS: wholeNumber(60, 3_600, 600),
});

/** The settings, checked and with their defaults. */
export type Config = z.output<typeof settingsSchema>;

/** Thrown when settings are missing or wrong; the message lists every bad one, and no good one. */
class SettingsError extends Error {
  override readonly name = "SettingsError";
}

type Given = Readonly<Partial<Record<keyof Config, string>>>;

/** The faults that no setting has by itself. Held apart from the schema so that both kinds come in one message. */
function faultsBetween(given: Given): string[] {
  const faults: string[] = [];
  if (
    given.CALLER_IDENTITY === "access-token" ||
    given.CALLER_IDENTITY === "gateway-header-and-access-token"
  ) {
    for (const name of ["ENTRA_TENANT_ID", "ENTRA_AUDIENCE"] as const) {
      if (given[name] === undefined) faults.push(`${name} is missing: access tokens need it`);
    }
  }
  if ((given.TABLES_ENDPOINT === undefined) === (given.TABLES_CONNECTION_STRING === undefined)) {
    faults.push("TABLES_ENDPOINT and TABLES_CONNECTION_STRING: set exactly one of them");
  }
  const { AGENTS_TABLE: agents = "agents", SESSIONS_TABLE: sessions = "sessions" } = given;
  if (agents.toLowerCase() === sessions.toLowerCase()) {
    faults.push("AGENTS_TABLE and SESSIONS_TABLE must be two tables");
  }
  return faults;
}

/**
 * Reads the settings from the app's environment. An empty setting counts as missing, as the portal leaves it so.
 *
 * @throws SettingsError if any is missing or wrong; it never repeats a value
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const names = Object.keys(settingsSchema.shape);
  const given: Given = Object.fromEntries(names.map((name) => [name, environment[name] || undefined]));
  const parsed = settingsSchema.safeParse(given);
  const faults = [
    ...(parsed.error?.issues ?? []).map((issue) => `${issue.path.join(".")} ${issue.message}`),
    ...faultsBetween(given),
  ];
  if (parsed.success && faults.length === 0) return parsed.data;
  const lines = [...new Set(faults)].map((fault) => `  ${fault}`);
  throw new SettingsError(["LKPS cannot start: settings are missing or wrong.", ...lines].join("\n"));
}
