import type { LiveKitRooms, WebhookReceiver } from "../domain/livekit-rooms.ts";
import type {
  AgentOwnerDirectory,
  ApplicationDirectory,
  Clock,
  OwnerDirectory,
  PageTokens,
  ParticipantTokenIssuer,
  Random,
  SessionStore,
  TakeTurn,
} from "../domain/ports.ts";
import type { RegistrationStore } from "../domain/registration.ts";
import type { ConsoleSettings, VerifiedToken } from "../domain/verified-token.ts";
import type { LocateError } from "../http/problem.ts";
import type { ReadShippedFile } from "../http/static-file.ts";

/** The app's connections to everything outside of it. */
export interface Adapters {
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
  /** Reads the files of `docs/`, and those of `console/`. */
  readonly readShippedFile: ReadShippedFile;
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

/** What the endpoints get. Each names what it needs of it. */
export interface Ports extends Adapters {
  /**
   * Harmless requests to a dependency, at most once a second each. `parts` loads everything that is loaded lazily: Node keeps
   * a failed import forever, so such an instance can never start a session.
   */
  readonly probes: Readonly<Record<"tables" | "graph" | "parts", () => Promise<unknown>>>;
  readonly pageTokens: PageTokens;
  /** One at a time for an agent: for what may read a hundred pages of a table. */
  readonly takeRehearsalTurn: TakeTurn;
  /** The same for lists, which ask 32 partitions at once. */
  readonly takeListTurn: TakeTurn;
  /** The LiveKit server that the tokens are for. */
  readonly serverUrl: string;
  readonly tokenTtlSeconds: number;
  readonly graphTimeoutMs: number;
  readonly tablesTimeoutMs: number;
  /** The URL that callers use, if it is set, and that or the app's own one, if LKPS knows it. */
  readonly publicBaseUrl: string | undefined;
  readonly baseUrl: string | undefined;
}

/** What the console's endpoints get. */
export interface ConsolePorts extends Ports {
  readonly console: ConsoleSettings;
}
