import type { Application } from "./application.ts";
import type { OwnedApplication } from "./authorization-view.ts";
import type { ClientId } from "./client-id.ts";
import type { Permit } from "./decision.ts";
import type { DependencyError } from "./dependency-error.ts";
import type { GraphAllowance } from "./graph-allowance.ts";
import type { TooManyReadsError } from "./too-many-reads-error.ts";

/** An agent as it registered itself. */
export interface Registration {
  readonly agent: ClientId;
  readonly enforceClientAuthz: boolean;
  readonly registeredAt: Date;
  readonly updatedAt: Date;
}

/**
 * Where registrations are kept. Every method throws `DependencyError` `storage_unavailable`.
 *
 * A change that was overtaken never wins: once one was acknowledged, nothing asked for earlier changes it, however late
 * storage carries it out. One that lost to another at the same time counts as made just before that, and succeeds.
 */
export interface RegistrationStore {
  find(agent: ClientId): Promise<Registration | undefined>;
  /**
   * Registers or replaces; the first registration's `registeredAt` stays, whoever else registers meanwhile.
   *
   * @param now - when it was asked for
   */
  put(
    agent: ClientId,
    enforceClientAuthz: boolean,
    now: Date,
  ): Promise<{ readonly registration: Registration; readonly created: boolean }>;
  /** The registered agents in the order of their ids, from the first one after `after`. */
  list(after: ClientId | undefined, limit: number): Promise<readonly Registration[]>;
  /**
   * Removes; no error if there was none. Leaves a tombstone, also of nothing, so that nothing asked for earlier comes
   * after it.
   *
   * @param now - when it was asked for
   */
  remove(agent: ClientId, now: Date): Promise<void>;
  /** Deletes the tombstones from before `before`, as long as `mayGoOn` says so. */
  removeTombstonesBefore(before: Date, mayGoOn: () => boolean): Promise<void>;
}

/** What an application's registration said, and which reading of it this is. */
export interface ApplicationReading {
  /** `null` if Graph knows no such application. */
  readonly application: Application | null;
  /** When Graph was asked, on the wall clock: for answers and the log. */
  readonly readAt: Date;
  /** The same moment on the clock of {@link Chance.elapsed}: what the reading's age is measured by. */
  readonly askedAt: number;
  /** `sha256:` of the `api` part as read: the same digest, the same configuration. `null` with no application. */
  readonly digest: string | null;
  /** `graph` if Graph was asked for this request, `cache` if an earlier reading serves. */
  readonly source: "graph" | "cache";
  /** How often Graph was asked until it answered; 0 from the cache. */
  readonly attempts: number;
}

/** What a read of Graph may take. */
export interface ReadLimits {
  /** On the clock of {@link Chance.elapsed}: neither a read nor a wait for one goes on beyond it. */
  readonly deadline: number;
  /** Pays for each request to Graph. A reading from the cache, and a read that others began, cost nothing. */
  readonly allowance: GraphAllowance;
}

/** How far a read has come while it is under way. */
export interface ReadProgress {
  /** How often Graph was asked; 0 while there was no token to ask with. */
  attempts: number;
  /** Why there was another attempt. */
  lastFailure?: unknown;
}

/**
 * Reads applications from Microsoft Graph, each time. The first request for an agent is paid for by whoever calls;
 * every further one is taken from the allowance. Rejects with `DependencyError` `directory_unavailable` or
 * `directory_access_denied`, or with `TooManyReadsError`.
 */
export interface ApplicationSource {
  read(agent: ClientId, limits: ReadLimits, progress: ReadProgress): Promise<ApplicationReading>;
  /** The same for some agents at once, at most 20: each with a result of its own, as soon as it is known. */
  readMany(
    agents: readonly ClientId[],
    limits: ReadLimits,
    progress: ReadProgress,
  ): ReadonlyMap<ClientId, Promise<ApplicationReading>>;
}

/** Why an agent could not be read, where the others could. */
export type ReadFailure = DependencyError | TooManyReadsError;

/** Agents' applications as Graph knows them, now or a while ago. Throws as {@link ApplicationSource} does. */
export interface ApplicationDirectory {
  /**
   * @param notBefore - on the clock of {@link Chance.elapsed}: the reading must have been asked for then or later. Without
   *   it, any that the directory still lets serve will do.
   */
  read(agent: ClientId, limits: ReadLimits, notBefore?: number): Promise<ApplicationReading>;
  /** The same for some agents at once, at most 20, each with its reading or the failure of getting it. */
  readMany(
    agents: readonly ClientId[],
    limits: ReadLimits,
    notBefore?: number,
  ): Promise<ReadonlyMap<ClientId, ApplicationReading | ReadFailure>>;
}

/** Microsoft Graph, asked by the agent's owner. Throws as {@link ApplicationSource} does. */
export interface OwnerDirectory {
  /** The application with what its owner's view needs beyond a decision; at most a second old. */
  readOwned(
    agent: ClientId,
    limits: ReadLimits,
  ): Promise<{ readonly application: OwnedApplication | null; readonly readAt: Date }>;
}

/** What a client may say about the participant that it brings into the room. */
interface Participant {
  readonly name?: string | undefined;
  readonly metadata?: string | undefined;
  readonly attributes?: Readonly<Record<string, string>> | undefined;
}

/** What a client asks for. */
export interface SessionRequest {
  readonly agent: ClientId;
  readonly participant: Participant;
  readonly agentMetadata?: string | undefined;
}

/** A session about to start: the room is fresh, so that the agent is dispatched to it. */
export interface SessionPlan {
  readonly sessionId: string;
  readonly roomName: string;
  readonly participantIdentity: string;
  readonly participant: Participant;
  /** Handed to the agent as `client_metadata`. */
  readonly agentMetadata?: string | undefined;
  /** Until when the token lets the participant in; a whole second. */
  readonly expiresAt: Date;
}

/** Signs participant tokens; makes no network call. */
export interface ParticipantTokenIssuer {
  issue(permit: Permit, plan: SessionPlan): Promise<string>;
}

/** What is kept of a session; never its token. */
export interface SessionRecord {
  readonly sessionId: string;
  readonly agent: ClientId;
  readonly client: ClientId;
  readonly basis: Permit["basis"];
  readonly roomName: string;
  readonly participantIdentity: string;
  readonly startedAt: Date;
  readonly expiresAt: Date;
  readonly decisionId: string;
}

/** Where a session stands among an agent's. */
export type SessionPosition = Pick<SessionRecord, "startedAt" | "sessionId">;

/** Some of an agent's session records, and whether older ones follow. */
interface SessionPage {
  readonly sessions: readonly SessionRecord[];
  readonly hasMore: boolean;
}

/** What a client did with an agent in some time. */
export interface ClientUse {
  readonly client: ClientId;
  readonly sessions: number;
  readonly lastStartedAt: Date;
}

/** Which clients started an agent's newest sessions. */
export interface SessionUses {
  /** Each client once. */
  readonly uses: readonly ClientUse[];
  /** `false` if there were more sessions than were looked at. */
  readonly complete: boolean;
}

/** What came of removing old sessions. */
export interface SessionRemoval {
  readonly removed: number;
  /** `false` if it was stopped before all of them were gone, or some could not be removed. */
  readonly finished: boolean;
  /** Why some could not be removed: the first such failure. */
  readonly failure?: unknown;
}

/** Where session records are kept. Throws `DependencyError` `storage_unavailable`. */
export interface SessionStore {
  add(record: SessionRecord): Promise<void>;
  /**
   * The agent's session with this id, in any letter case: one point read, as agent and id say where it is. `undefined`
   * for any other text, and for a session of an earlier version, whose id is not of version 7.
   */
  find(agent: ClientId, sessionId: string): Promise<SessionRecord | undefined>;
  /** The agent's sessions, the newest first, from the one after `after`. */
  list(agent: ClientId, after: SessionPosition | undefined, limit: number): Promise<SessionPage>;
  /** Which clients started sessions with the agent since then; looks at the newest `limit` sessions at most. */
  usesSince(agent: ClientId, since: Date, limit: number): Promise<SessionUses>;
  /**
   * Removes the sessions started before `before`, of all agents, as long as `mayGoOn` says so. Interrupted at any
   * point, it leaves nothing half done: what is left is found by the next call. Does not throw: a failure stops the
   * removal of nobody else's sessions, and is in the answer.
   */
  removeStartedBefore(before: Date, mayGoOn: () => boolean): Promise<SessionRemoval>;
}

/** Time and chance, handed in so that the rest stays pure. */
export interface Chance {
  /** The wall clock. */
  now(): Date;
  /** Milliseconds on a clock that never goes back; only differences mean anything. */
  elapsed(): number;
  /** A random UUID, of version 4. */
  uuid(): string;
  /** At least 64 random bits in lower-case letters and digits. */
  suffix(): string;
}
