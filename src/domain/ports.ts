import type { EntraIdentity } from "./application.ts";
import type { OwnedApplication } from "./authorization-view.ts";
import type { ClientId } from "./client-id.ts";
import type { Permit } from "./decision.ts";
import type { AgentOwners, ApplicationSnapshot, ReadLimits } from "./graph-reading.ts";
import type { KnownSession } from "./known-session.ts";
import type { SessionLimits } from "./registration.ts";
import type {
  RecentActivity,
  SessionPage,
  SessionPlan,
  SessionPosition,
  SessionRecord,
  SessionRemoval,
  TrackedSession,
} from "./session.ts";
import type { SessionChange } from "./session-state.ts";

/**
 * Readings of agents from Microsoft Graph, possibly cached. Rejects with `DependencyError` `directory_unavailable` or
 * `directory_access_denied`, or with `RateLimitError`.
 */
export interface Directory<R> {
  /**
   * @param notBefore - the earliest acceptable `requestedAt` of the reading. If omitted, any reading that has not expired
   *   is acceptable.
   */
  read(agent: ClientId, limits: ReadLimits, notBefore?: number): Promise<R>;
  /**
   * Reads at most 20 agents at once: one result for each, in their order. Rejects as a whole only if the caller's rate
   * limit does not cover the first request for each agent that has to be read.
   */
  readMany(
    agents: readonly ClientId[],
    limits: ReadLimits,
    notBefore?: number,
  ): Promise<readonly PromiseSettledResult<R>[]>;
}

/** Agents' identities and their applications. */
export type ApplicationDirectory = Directory<ApplicationSnapshot>;

/** Who owns each agent. */
export type AgentOwnerDirectory = Pick<Directory<AgentOwners>, "read">;

/** Microsoft Graph as the owner of an agent needs it. Rejects like {@link ApplicationDirectory}. */
export interface OwnerDirectory {
  /** Reads the identity, with the parts of its application that only owners can see. Reads at most once a second for each
   * agent; callers share a read in progress. */
  readOwned(
    agent: ClientId,
    limits: ReadLimits,
  ): Promise<{ readonly identity: EntraIdentity<OwnedApplication> | null; readonly readAt: Date }>;
}

/** Signs participant tokens. Makes no network call. */
export interface ParticipantTokenIssuer {
  issue(permit: Permit, plan: SessionPlan): Promise<string>;
}

/** Stores session records. Rejects with `DependencyError` `storage_unavailable` unless a method says otherwise. */
export interface SessionStore {
  add(record: SessionRecord): Promise<void>;
  /** Takes a slot for a session before it is added, in turn with the starts on all instances. False if a limit is reached. */
  takeSlot(record: SessionRecord, limits: SessionLimits): Promise<boolean>;
  /**
   * Finds one of the agent's sessions by its id, in any letter case, with one point read if it is live, and two if it is
   * over. Returns `undefined` for anything but a UUID of version 7, which includes the ids of sessions from earlier versions of LKPS.
   */
  find(agent: ClientId, sessionId: string): Promise<TrackedSession | undefined>;
  /**
   * Changes what is known of a session. `change` is pure: if another instance changes the session at the same time, it is
   * applied again. Writes nothing if nothing changes. Returns `undefined` if there is no such session.
   */
  change(
    agent: ClientId,
    sessionId: string,
    change: (session: TrackedSession) => KnownSession,
  ): Promise<SessionChange | undefined>;
  /** Lists a page of all agents' sessions that the check has to look at. `next` is the start of the next page. */
  listLive(
    after: string | undefined,
  ): Promise<{ readonly sessions: readonly TrackedSession[]; readonly next: string | undefined }>;
  /** Lists the agent's sessions, newest first, starting after `after`. */
  list(agent: ClientId, after: SessionPosition | undefined, limit: number): Promise<SessionPage>;
  /** Counts the sessions of each client since `since`. Looks at the newest `limit` sessions at most. */
  activitySince(agent: ClientId, since: Date, limit: number): Promise<RecentActivity>;
  /**
   * Removes all agents' sessions that started before `before`, as long as `shouldContinue` returns true. It can be
   * interrupted at any point: the next call removes the rest. It never rejects: a failure is part of the result, and does
   * not keep other sessions from being removed.
   */
  removeStartedBefore(before: Date, shouldContinue: () => boolean): Promise<SessionRemoval>;
}

/** The time, passed in so that the domain and the use cases stay pure. */
export interface Clock {
  /** The wall-clock time. */
  now(): Date;
  /** Milliseconds on a monotonic clock. Only differences are meaningful. */
  elapsed(): number;
}

/**
 * Does one work at a time for an agent, in the order of arrival. Rejects with `RateLimitError` if too many wait already.
 */
export type TakeTurn = <T>(agent: ClientId, work: () => Promise<T>) => Promise<T>;

/** What a page token belongs to: the endpoint, and the entities of the search, whose ids may be in any letter case. */
export type PagedQuestion = readonly [endpoint: string, ...entities: unknown[]];

/** Seals where a page starts into a token that tells its holder nothing and that only LKPS can make. */
export interface PageTokens {
  /** @param after - the id that the page starts after; `""` for the first page */
  seal(question: PagedQuestion, after: string): string;
  /** Returns where the page starts; `undefined` if LKPS did not make the token, or made it for another question. */
  open(question: PagedQuestion, token: string): string | undefined;
}

/** Random values, passed in so that the use cases stay pure. */
export interface Random {
  /** A random UUID (version 4). */
  uuid(): string;
  /** At least 64 random bits in lower-case letters and digits. */
  suffix(): string;
}
