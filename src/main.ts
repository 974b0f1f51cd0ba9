import { randomBytes, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { app } from "@azure/functions";
import manifest from "../package.json" with { type: "json" };
import { createAccessTokenVerifier } from "./adapters/entra/access-token-verifier.ts";
import { createManagedIdentityToken } from "./adapters/entra/managed-identity-token.ts";
import { createGraphClient } from "./adapters/graph/graph-client.ts";
import { createGraphDirectory } from "./adapters/graph/graph-directory.ts";
import { createOwnerDirectory } from "./adapters/graph/owner-directory.ts";
import { PERMISSION_HELP } from "./adapters/graph/permission-help.ts";
import { createParticipantTokenIssuer } from "./adapters/livekit/participant-token-issuer.ts";
import { createRegistrationTable } from "./adapters/tables/registration-table.ts";
import { createSessionTable } from "./adapters/tables/session-table.ts";
import { createTableClient } from "./adapters/tables/table-client.ts";
import { within } from "./adapters/within.ts";
import { cachedDirectory } from "./application/cached-directory.ts";
import { type Config, readConfig } from "./config.ts";
import type { ClientId } from "./domain/client-id.ts";
import type { ApplicationDirectory, Chance, OwnerDirectory } from "./domain/ports.ts";
import { accessEvaluation } from "./functions/access-evaluation.ts";
import { accessEvaluations } from "./functions/access-evaluations.ts";
import { authzenConfiguration } from "./functions/authzen-configuration.ts";
import {
  callerFromAccessToken,
  callerFromBoth,
  callerFromGatewayHeader,
  type IdentifyCaller,
} from "./functions/caller.ts";
import { docs } from "./functions/docs.ts";
import { docsFile, keptInMemory } from "./functions/docs-file.ts";
import { failureLine } from "./functions/failure-line.ts";
import { health } from "./functions/health.ts";
import type { HttpTrigger } from "./functions/http-trigger.ts";
import { listSessions } from "./functions/list-sessions.ts";
import { openapi } from "./functions/openapi.ts";
import { readAuthorization } from "./functions/read-authorization.ts";
import { readRegistration } from "./functions/read-registration.ts";
import { readiness } from "./functions/readiness.ts";
import { registerAgent } from "./functions/register-agent.ts";
import { rehearseAuthorization } from "./functions/rehearse-authorization.ts";
import { removeOldSessions, type TimerTrigger } from "./functions/remove-old-sessions.ts";
import { removeRegistration } from "./functions/remove-registration.ts";
import { searchResource } from "./functions/search-resource.ts";
import { searchSubject } from "./functions/search-subject.ts";
import { serve } from "./functions/serve.ts";
import { startSession } from "./functions/start-session.ts";

// Nobody's: asking for it shows whether Storage and Graph answer, and grants nothing.
const NOBODY = "00000000-0000-0000-0000-000000000000" as ClientId;

const chance: Chance = {
  now: () => new Date(),
  elapsed: () => performance.now(),
  uuid: randomUUID,
  suffix: () => randomBytes(8).toString("hex"),
};

// Some 100 MB if each of them pre-authorizes as many clients as a manifest holds.
const MAX_CACHED_APPLICATIONS = 1_000;

function identifyCallerBy(config: Config): IdentifyCaller {
  if (config.CALLER_IDENTITY === "gateway-header") return callerFromGatewayHeader;
  const verify = createAccessTokenVerifier({
    authorityHost: config.ENTRA_AUTHORITY_HOST,
    // The settings are refused where a mode with access tokens lacks one of these.
    tenantId: config.ENTRA_TENANT_ID as string,
    audiences: config.ENTRA_AUDIENCE as string[],
    timeoutMs: config.GRAPH_TIMEOUT_MS,
  });
  const fromToken = callerFromAccessToken(verify);
  return config.CALLER_IDENTITY === "access-token" ? fromToken : callerFromBoth(fromToken);
}

function tablesOf(config: Config) {
  const { TABLES_CONNECTION_STRING: connectionString, TABLES_TIMEOUT_MS: timeoutMs } = config;
  const connection =
    connectionString !== undefined
      ? { connectionString }
      : {
          // The settings are refused unless they name one of the two.
          endpoint: config.TABLES_ENDPOINT as string,
          credential: {
            getToken: createManagedIdentityToken({
              clientId: config.AZURE_CLIENT_ID,
              resource: "https://storage.azure.com",
              timeoutMs,
              help: "the app's managed identity needs the role Storage Table Data Contributor",
            }),
          },
        };
  const tableClient = (name: string) => createTableClient(connection, name);
  return {
    registrations: createRegistrationTable(tableClient(config.AGENTS_TABLE), timeoutMs),
    sessions: createSessionTable(tableClient(config.SESSIONS_TABLE), timeoutMs),
  };
}

function directoriesOf(config: Config): { applications: ApplicationDirectory; owners: OwnerDirectory } {
  const {
    GRAPH_BASE_URL: graphBaseUrl,
    GRAPH_TIMEOUT_MS: timeoutMs,
    GRAPH_CACHE_SECONDS: cacheSeconds,
  } = config;
  const graphToken = createManagedIdentityToken({
    clientId: config.AZURE_CLIENT_ID,
    resource: graphBaseUrl,
    timeoutMs,
    help: PERMISSION_HELP,
  });
  const ask = createGraphClient(graphBaseUrl, async () => (await graphToken()).token);
  const graph = createGraphDirectory(ask, timeoutMs);
  const cache = { cacheSeconds, timeoutMs, within, maxEntries: MAX_CACHED_APPLICATIONS };
  return {
    applications: cacheSeconds === 0 ? graph : cachedDirectory(graph, chance, cache),
    owners: createOwnerDirectory(ask, timeoutMs),
  };
}

/** The app's own address as the platform knows it; `""` where it does not. */
function baseUrlOf(hostname: string | undefined): string {
  if (hostname === undefined) return "";
  return /^(localhost|127\.0\.0\.1)(:|$)/.test(hostname) ? `http://${hostname}` : `https://${hostname}`;
}

/** Wires everything by `config`: the app's functions. */
function triggersOf(config: Config): { http: HttpTrigger[]; timers: TimerTrigger[] } {
  const { registrations, sessions } = tablesOf(config);
  const { applications, owners } = directoriesOf(config);
  const ports = {
    identifyCaller: identifyCallerBy(config),
    registrations,
    sessions,
    applications,
    owners,
    tokens: createParticipantTokenIssuer({
      url: config.LIVEKIT_URL,
      apiKey: config.LIVEKIT_API_KEY,
      apiSecret: config.LIVEKIT_API_SECRET,
      tokenTtlSeconds: config.SESSION_TOKEN_TTL_SECONDS,
    }),
    chance,
    serverUrl: config.LIVEKIT_URL,
  };
  // As fresh as a denial must be, and for nobody. The route is open to anyone: with a cache, Graph is asked once a
  // second at most.
  const askGraph = () =>
    applications.read(NOBODY, { allows: () => false, denyNotBefore: new Date(Date.now() - 1_000) });
  // Beside the bundle, and read at the first request for it: the page costs no start of the app anything.
  const readShippedFile = keptInMemory((name) => readFile(join(__dirname, "docs", name)));
  return {
    http: [
      registerAgent(ports),
      readRegistration(ports),
      removeRegistration(ports),
      startSession(ports),
      accessEvaluation(ports),
      accessEvaluations(ports),
      searchSubject(ports),
      searchResource(ports),
      readAuthorization(ports),
      rehearseAuthorization(ports),
      listSessions(ports),
      authzenConfiguration(baseUrlOf(process.env["WEBSITE_HOSTNAME"])),
      health(manifest.version),
      readiness({ tables: () => registrations.find(NOBODY), graph: askGraph }),
      openapi(readShippedFile),
      docs(readShippedFile),
      docsFile(readShippedFile),
    ],
    timers: [removeOldSessions({ sessions, chance, retentionDays: config.SESSION_RETENTION_DAYS })],
  };
}

function register(config: Config): void {
  const { http, timers } = triggersOf(config);
  const gatewayOnly = config.CALLER_IDENTITY === "access-token" ? "anonymous" : "function";
  for (const trigger of http) {
    app.http(trigger.name, {
      methods: [...trigger.methods],
      route: trigger.route,
      authLevel: trigger.reachedBy === "anyone" ? "anonymous" : gatewayOnly,
      handler: serve(trigger, chance),
    });
  }
  for (const { name, schedule, handler } of timers) app.timer(name, { schedule, handler });
}

// Left alone, a rejection that nobody awaits kills the worker and every request in flight with it.
process.on("unhandledRejection", (reason) => console.error(failureLine(null, "internal_error", reason)));

try {
  register(readConfig(process.env));
} catch (error) {
  // The message is what an operator needs: the worker would log the stack, and a line of a bundle is all of it.
  const message = error instanceof Error ? error.message : String(error);
  console.error(message);
  throw Object.assign(new Error(message), { stack: message });
}
