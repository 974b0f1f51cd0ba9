import { parseClientId } from "./domain/client-id.ts";
import { type ConsoleSettings, PERSON_SCOPE } from "./domain/verified-token.ts";
import { crossSettingErrors, type RawSettings, type Settings, settingsSchema } from "./settings/settings.ts";

/** The settings as the app uses them: grouped, and without invalid combinations. */
export interface Config {
  readonly callerIdentity:
    | { readonly mode: "gateway-header" }
    | {
        readonly mode: "access-token" | "gateway-header-and-access-token";
        readonly authorityHost: string;
        readonly tenantId: string;
        readonly audiences: readonly string[];
      };
  readonly managedIdentityClientId: string | undefined;
  readonly graph: {
    readonly baseUrl: string;
    readonly cacheSeconds: number;
    readonly timeoutMs: number;
    readonly readsPerCaller: number;
  };
  readonly tables: {
    readonly connection: { readonly endpoint: string } | { readonly connectionString: string };
    readonly agentsTable: string;
    readonly sessionsTable: string;
    readonly timeoutMs: number;
  };
  readonly liveKit: {
    readonly url: string;
    /** Where its server API responds. */
    readonly apiUrl: string;
    readonly apiKey: string;
    readonly apiSecret: string;
  };
  /** The console; undefined if it is off. */
  readonly console: ConsoleSettings | undefined;
  /** How often the live sessions are checked; 0 if never. */
  readonly liveSessionCheckSeconds: number;
  readonly sessionTokenTtlSeconds: number;
  readonly sessionRetentionDays: number;
  /** `PUBLIC_BASE_URL`, if set. */
  readonly publicBaseUrl: string | undefined;
  /** `PUBLIC_BASE_URL`, or the app's own URL if the platform provides it. */
  readonly baseUrl: string | undefined;
}

/**
 * Reads the settings from the environment. An empty setting counts as missing: that is how the portal clears
 * one.
 *
 * @throws Error that lists every bad setting, and no good one. The message never contains a value
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const names = Object.keys(settingsSchema.shape);
  const raw: RawSettings = Object.fromEntries(names.map((name) => [name, environment[name] || undefined]));
  const parsed = settingsSchema.safeParse(raw);
  const errors = [
    ...(parsed.error?.issues ?? []).map((issue) => `${issue.path.join(".")} ${issue.message}`),
    ...crossSettingErrors(raw),
  ];
  const config = parsed.success ? toConfig(parsed.data, environment["WEBSITE_HOSTNAME"]) : undefined;
  if (config !== undefined && errors.length === 0) return config;
  const lines = [...new Set(errors)].map((error) => `  ${error}`);
  throw new Error(["LKPS can't start: some settings are missing or invalid.", ...lines].join("\n"));
}

/** `undefined` if settings conflict; {@link crossSettingErrors} says which. */
function toConfig(settings: Settings, hostname: string | undefined): Config | undefined {
  const callerIdentity = callerIdentityOf(settings);
  const { TABLES_ENDPOINT: endpoint, TABLES_CONNECTION_STRING: connectionString = "" } = settings;
  if (callerIdentity === undefined) return undefined;
  return {
    callerIdentity,
    managedIdentityClientId: settings.AZURE_CLIENT_ID,
    graph: {
      baseUrl: settings.GRAPH_BASE_URL,
      cacheSeconds: settings.GRAPH_CACHE_SECONDS,
      timeoutMs: settings.GRAPH_TIMEOUT_MS,
      readsPerCaller: settings.GRAPH_READS_PER_CALLER,
    },
    tables: {
      connection: endpoint === undefined ? { connectionString } : { endpoint },
      agentsTable: settings.AGENTS_TABLE,
      sessionsTable: settings.SESSIONS_TABLE,
      timeoutMs: settings.TABLES_TIMEOUT_MS,
    },
    liveKit: {
      url: settings.LIVEKIT_URL,
      // The SDK ignores a path.
      apiUrl: settings.LIVEKIT_API_URL ?? new URL(settings.LIVEKIT_URL).origin.replace(/^ws/, "http"),
      apiKey: settings.LIVEKIT_API_KEY,
      apiSecret: settings.LIVEKIT_API_SECRET,
    },
    console: consoleOf(settings, callerIdentity),
    liveSessionCheckSeconds: settings.LIVE_SESSION_CHECK_SECONDS,
    sessionTokenTtlSeconds: settings.SESSION_TOKEN_TTL_SECONDS,
    sessionRetentionDays: settings.SESSION_RETENTION_DAYS,
    publicBaseUrl: settings.PUBLIC_BASE_URL,
    baseUrl: settings.PUBLIC_BASE_URL ?? (hostname ? `https://${hostname}` : undefined),
  };
}

function callerIdentityOf(settings: Settings): Config["callerIdentity"] | undefined {
  const { CALLER_IDENTITY: mode, ENTRA_TENANT_ID: tenantId, ENTRA_AUDIENCE: audiences } = settings;
  if (mode === "gateway-header") return { mode };
  if (tenantId === undefined || audiences === undefined) return undefined;
  return { mode, tenantId, audiences, authorityHost: settings.ENTRA_AUTHORITY_HOST };
}

function consoleOf(
  { CONSOLE_CLIENT_ID: setting, GRAPH_BASE_URL: graphBaseUrl }: Settings,
  callerIdentity: Config["callerIdentity"],
): ConsoleSettings | undefined {
  const clientId = parseClientId(setting);
  if (clientId === undefined || callerIdentity.mode === "gateway-header") return undefined;
  const { authorityHost, tenantId, audiences } = callerIdentity;
  const [audience = ""] = audiences;
  const bareId = parseClientId(audience);
  const resource = bareId === undefined ? audience : `api://${bareId}`;
  return {
    authority: `${authorityHost}/${tenantId.toLowerCase()}`,
    clientId,
    scope: `${resource}/${PERSON_SCOPE}`,
    graphBaseUrl,
  };
}
