import { type ClientId, parseClientId, parseGuid } from "./client-id.ts";
import type { Permit } from "./decision.ts";
import type { KnownSession } from "./known-session.ts";

/** What a client may set about the participant that joins the room. */
interface Participant {
  readonly name?: string | undefined;
  readonly metadata?: string | undefined;
  readonly attributes?: Readonly<Record<string, string>> | undefined;
}

/** A client's request to start a session. */
export interface SessionRequest {
  readonly agent: ClientId;
  readonly participant: Participant;
  readonly agentMetadata?: string | undefined;
  /** The LiveKit deployment of the agent to dispatch; the one without a name if undefined. */
  readonly deployment?: string | undefined;
}

/** What a participant token is issued for. The room is new, so LiveKit dispatches the agent to it. */
export interface SessionPlan {
  readonly sessionId: string;
  readonly roomName: string;
  readonly participantIdentity: string;
  readonly participant: Participant;
  /** Passed to the agent as `client_metadata`. */
  readonly agentMetadata?: string | undefined;
  readonly deployment?: string | undefined;
  /** When the token expires; a whole second. */
  readonly expiresAt: Date;
}

/** The stored record of a session. It never holds the token. */
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

/** A session's record, and what is known of it. */
export interface TrackedSession extends SessionRecord {
  readonly known: KnownSession;
}

/** The position of a session in its agent's list, which is sorted by start time. */
export type SessionPosition = Pick<SessionRecord, "startedAt" | "sessionId">;

/** A page of an agent's session records. */
export interface SessionPage {
  readonly sessions: readonly TrackedSession[];
  readonly hasMore: boolean;
}

/** The maximum number of sessions that a count of them reads: a hundred pages of the table. */
export const MAX_COUNTED_SESSIONS = 100_000;

/** The sessions that one client started with an agent in a period. */
export interface ClientActivity {
  readonly client: ClientId;
  readonly sessions: number;
  readonly lastStartedAt: Date;
  /** How many of them the client joined. */
  readonly joined: number;
  /** From joining to the end, or until now, of all of them together, in milliseconds. */
  readonly usedMs: number;
}

/** The clients that started an agent's newest sessions. */
export interface RecentActivity {
  /** One entry for each client. */
  readonly clients: readonly ClientActivity[];
  /** `false` if the limit was reached before all sessions were counted. */
  readonly complete: boolean;
}

/** The outcome of removing old sessions. */
export interface SessionRemoval {
  readonly removed: number;
  /** `false` if the removal stopped early or some sessions could not be removed. */
  readonly finished: boolean;
  /** The first failure, if there was one. */
  readonly failure?: unknown;
}

/**
 * Creates a session id: a UUID of version 7 with the start time in milliseconds and 74 random bits.
 *
 * @param randomUuid - a UUID of version 4; supplies the random bits
 * @see https://www.rfc-editor.org/rfc/rfc9562#section-5.7
 */
export function sessionIdOf(startedAt: Date, randomUuid: string): string {
  const milliseconds = startedAt.getTime().toString(16).padStart(12, "0");
  return `${milliseconds.slice(0, 8)}-${milliseconds.slice(8)}-7${randomUuid.slice(15)}`;
}

/**
 * Returns a session's position in its agent's list, derived from the id alone. Returns `undefined` if `value`
 * is not a UUID of version 7, in any letter case. Never throws.
 */
export function sessionPositionOf(value: unknown): SessionPosition | undefined {
  const sessionId = parseGuid(value);
  // The version, and the variant that RFC 9562 defines.
  if (sessionId?.charAt(14) !== "7" || !/[89ab]/.test(sessionId.charAt(19))) return undefined;
  const milliseconds = Number.parseInt(sessionId.slice(0, 8) + sessionId.slice(9, 13), 16);
  return { sessionId, startedAt: new Date(milliseconds) };
}

const ROOM = /^lkps-([0-9a-f-]{36})-([0-9a-f-]{36})$/;

/** The agent and session that a room is for; `undefined` if it is not one of LKPS's. Never throws. */
export function sessionOfRoom(
  roomName: string,
): { readonly agent: ClientId; readonly sessionId: string } | undefined {
  const [, agentId, sessionId = ""] = ROOM.exec(roomName) ?? [];
  const agent = parseClientId(agentId);
  return agent && { agent, sessionId };
}
