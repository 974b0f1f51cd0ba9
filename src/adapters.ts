import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { version } from "../package.json";
import { createLazyAccessTokenVerifier } from "./adapters/entra/lazy-access-token-verifier.ts";
import { createLazyManagedIdentity } from "./adapters/entra/lazy-managed-identity.ts";
import { createLazyGraph } from "./adapters/graph/lazy-graph.ts";
import { PERMISSION_HELP } from "./adapters/graph/read-outcome.ts";
import { createErrorLocator } from "./adapters/lib/error-locator.ts";
import { createShippedFiles } from "./adapters/lib/shipped-files.ts";
import { systemClock as clock } from "./adapters/lib/system-clock.ts";
import { systemRandom as random } from "./adapters/lib/system-random.ts";
import { createLazyLiveKit } from "./adapters/livekit/lazy-livekit.ts";
import { createLazyParticipantTokenIssuer } from "./adapters/livekit/lazy-participant-token-issuer.ts";
import { createLazyStores } from "./adapters/tables/lazy-stores.ts";
import type { Config } from "./config.ts";
import type { LiveKitRooms, WebhookReceiver } from "./domain/livekit-rooms.ts";
import type {
  AgentOwnerDirectory,
  ApplicationDirectory,
  Clock,
  OwnerDirectory,
  ParticipantTokenIssuer,
  Random,
  RegistrationStore,
  SessionStore,
} from "./domain/ports.ts";
import type { VerifiedToken } from "./domain/verified-token.ts";
import type { LocateError } from "./http/failure-line.ts";
import type { ReadShippedFile, StaticFilePorts } from "./http/static-file.ts";

/** The app's connections to everything outside of it. */
export interface Adapters extends StaticFilePorts {
  readonly registrations: RegistrationStore;
  readonly sessions: SessionStore;
  /** The time by Table Storage's clock. */
  readonly storageTime: () => Promise<Date>;
  readonly applications: ApplicationDirectory;
  readonly owners: OwnerDirectory;
  readonly agentOwners: AgentOwnerDirectory;
  readonly participantTokens: ParticipantTokenIssuer;
  readonly rooms: LiveKitRooms;
  readonly webhooks: WebhookReceiver;
  /** Returns who sent an access token; `undefined` if it is invalid, or if this app takes none. */
  readonly verifyAccessToken: (accessToken: string) => Promise<VerifiedToken | undefined>;
  readonly clock: Clock;
  /** Waits for so many milliseconds. */
  readonly wait: (ms: number) => Promise<unknown>;
  readonly random: Random;
  readonly readConsoleFile: ReadShippedFile;
  readonly locateError: LocateError;
  /** The version of LKPS. */
  readonly version: string;
  /** Checks that Graph responds and that LKPS may read applications. */
  readonly probeGraph: () => Promise<unknown>;
  /** Loads everything that a session start needs and that is loaded lazily. */
  readonly load: () => Promise<unknown>;
  /** Loads and fetches what a session start needs. Anything that fails is tried again when it is needed. */
  readonly prefetch: () => Promise<void>;
}

const TABLES_HELP = "the app's managed identity needs the role Storage Table Data Contributor";

/** Connects the app according to its settings. Loads no SDK and calls nothing before the first use. */
export function createAdapters(config: Config): Adapters {
  const { callerIdentity, graph: graphSettings, tables, liveKit, managedIdentityClientId: clientId } = config;
  const { timeoutMs, baseUrl, cacheSeconds } = graphSettings;

  const graphIdentity = createLazyManagedIdentity(
    { clientId, resource: baseUrl, timeoutMs, help: PERMISSION_HELP },
    clock,
  );
  const accessToken = async (signal: AbortSignal) => (await graphIdentity.getToken(signal)).token;
  const graph = createLazyGraph({ baseUrl, cacheSeconds, timeoutMs, accessToken }, clock);

  const tablesIdentity = createLazyManagedIdentity(
    { clientId, resource: "https://storage.azure.com", timeoutMs: tables.timeoutMs, help: TABLES_HELP },
    clock,
  );
  const connection =
    "endpoint" in tables.connection
      ? { endpoint: tables.connection.endpoint, getToken: tablesIdentity.getToken }
      : tables.connection;
  const stores = createLazyStores({
    ...tables,
    clock,
    connection,
    isChecked: config.liveSessionCheckSeconds > 0,
  });

  const participantTokens = createLazyParticipantTokenIssuer(liveKit);
  const accessTokens =
    callerIdentity.mode === "gateway-header"
      ? undefined
      : createLazyAccessTokenVerifier({ ...callerIdentity, timeoutMs }, clock);

  const identities = "getToken" in connection ? [graphIdentity, tablesIdentity] : [graphIdentity];
  const parts = [stores, graph, participantTokens];
  return {
    registrations: stores.registrations,
    sessions: stores.sessions,
    storageTime: stores.storageTime,
    applications: graph.applications,
    owners: graph.owners,
    agentOwners: graph.agentOwners,
    participantTokens,
    ...createLazyLiveKit(liveKit),
    verifyAccessToken: async (token) => await accessTokens?.verify(token),
    clock,
    wait,
    random,
    // Shipped with the bundle and read on demand, so that they don't slow down a cold start.
    readShippedFile: createShippedFiles(join(import.meta.dirname, "docs")),
    readConsoleFile: createShippedFiles(join(import.meta.dirname, "console")),
    locateError: createErrorLocator(),
    version,
    probeGraph: graph.probe,
    load: () =>
      Promise.all(
        [...identities, ...parts, ...(accessTokens ? [accessTokens] : [])].map((part) => part.load()),
      ),
    prefetch: async () => {
      await accessTokens?.prefetch();
      for (const identity of identities) await identity.prefetch();
      for (const part of parts) await part.load();
    },
  };
}
