import { join } from "node:path";
import { version } from "../package.json";
import { createAccessTokens } from "./adapters/entra/access-tokens.ts";
import { createManagedIdentity } from "./adapters/entra/managed-identity.ts";
import { createGraph } from "./adapters/graph/graph.ts";
import { PERMISSION_HELP } from "./adapters/graph/permission-help.ts";
import { graphAllowances } from "./adapters/graph/read-allowances.ts";
import { onceASecond } from "./adapters/lib/once-a-second.ts";
import { createShippedFiles } from "./adapters/lib/shipped-files.ts";
import { createErrorLocator } from "./adapters/lib/source-location.ts";
import { systemChance as chance } from "./adapters/lib/system-chance.ts";
import { createParticipantTokens } from "./adapters/livekit/participant-tokens.ts";
import { createStores } from "./adapters/tables/stores.ts";
import type { Rehearsal } from "./application/rehearse.ts";
import type { Config } from "./config.ts";
import { NOBODY } from "./domain/client-id.ts";
import { endpoints } from "./endpoints.ts";
import { removeOldSessions } from "./functions/remove-old-sessions.ts";
import { identifyCallerBy } from "./http/caller.ts";
import { createHandler } from "./http/handler.ts";

const TABLES_HELP = "the app's managed identity needs the role Storage Table Data Contributor";

/** Wires the app by its settings: every endpoint and timer, and what to do before the first request comes. */
export function createApp(config: Config) {
  const { callerIdentity, graph: graphSettings, tables, liveKit, managedIdentityClientId: clientId } = config;
  const { timeoutMs: graphTimeoutMs, baseUrl: graphBaseUrl, cacheSeconds, readsPerCaller } = graphSettings;
  const locateError = createErrorLocator();

  const graphIdentity = createManagedIdentity({
    ...{ clientId, resource: graphBaseUrl, timeoutMs: graphTimeoutMs, help: PERMISSION_HELP },
  });
  const accessToken = async () => (await graphIdentity.getToken()).token;
  const graph = createGraph(
    { baseUrl: graphBaseUrl, cacheSeconds, timeoutMs: graphTimeoutMs, accessToken },
    chance,
  );
  const tablesIdentity = createManagedIdentity({
    ...{ clientId, resource: "https://storage.azure.com", timeoutMs: tables.timeoutMs, help: TABLES_HELP },
  });
  const isByIdentity = "endpoint" in tables.connection;
  const stores = createStores({
    ...tables,
    connection:
      "endpoint" in tables.connection
        ? { endpoint: tables.connection.endpoint, credential: { getToken: tablesIdentity.getToken } }
        : tables.connection,
  });
  const tokens = createParticipantTokens(liveKit);
  const accessTokens =
    callerIdentity.mode === "gateway-header"
      ? undefined
      : createAccessTokens({ ...callerIdentity, timeoutMs: graphTimeoutMs });

  // All that a start of a session needs, and that is loaded lazily.
  const parts = [graphIdentity, graph, stores, tokens];
  const loads = [
    ...parts,
    ...(isByIdentity ? [tablesIdentity] : []),
    ...(accessTokens ? [accessTokens] : []),
  ];
  const askOnce = onceASecond<string, unknown>(chance);
  const ports = {
    ...stores,
    ...{ applications: graph.applications, owners: graph.owners, graphTimeoutMs, tokens, chance, version },
    ...{
      serverUrl: liveKit.url,
      tokenTtlSeconds: config.sessionTokenTtlSeconds,
      baseUrl: config.baseUrl ?? "",
      publicBaseUrl: config.publicBaseUrl,
    },
    shareRehearsal: onceASecond<string, Rehearsal>(chance),
    // Beside the bundle, and read at the first request for it: the page costs no start of the app anything.
    readShippedFile: createShippedFiles(join(import.meta.dirname, "docs")),
    probes: {
      tables: () => askOnce("tables", () => stores.registrations.find(NOBODY)),
      graph: () => askOnce("graph", graph.probe),
      parts: () => Promise.all(loads.map((part) => part.load())),
    },
  };
  const services = {
    identifyCaller: identifyCallerBy(callerIdentity.mode, async (token) => await accessTokens?.verify(token)),
    allowanceOf: graphAllowances(readsPerCaller, chance),
    ...{ chance, locateError, publicBaseUrl: config.publicBaseUrl },
  };
  const gatewayOnly = callerIdentity.mode === "access-token" ? ("anonymous" as const) : ("function" as const);

  return {
    endpoints: endpoints
      // Its addresses must be whole ones: without a base there is nothing to say, and the host answers 404.
      .filter(({ name }) => name !== "authzenConfiguration" || config.baseUrl !== undefined)
      .map((endpoint) => ({
        ...{ name: endpoint.name, route: endpoint.route },
        methods: endpoint.method === "GET" ? (["GET", "HEAD"] as const) : [endpoint.method],
        authLevel: endpoint.caller === "none" ? ("anonymous" as const) : gatewayOnly,
        handler: createHandler(endpoint, ports, services),
      })),
    timers: [
      removeOldSessions({ ...stores, chance, retentionDays: config.sessionRetentionDays, locateError }),
    ],
    locateError,
    /** Loads and asks for what a start of a session needs. Whatever fails here is tried again when it is needed. */
    prefetch: async () => {
      await accessTokens?.prefetch();
      await graphIdentity.prefetch();
      if (isByIdentity) await tablesIdentity.prefetch();
      for (const part of [stores, graph, tokens]) await part.load();
    },
  };
}
