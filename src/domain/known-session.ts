/** Why LKPS ended a session. */
export type EndingReason = "authorization_withdrawn" | "ended_by_owner" | "duration_limit";

/** One room of LiveKit. A server that restarts makes another room of the same name. */
export interface SeenRoom {
  readonly sid: string;
  readonly createdAtMs: number;
}

/** One connection of the session's participant, or of an agent, to a room. */
export interface Connection {
  readonly sid: string;
  readonly roomSid: string;
  readonly isAgent: boolean;
  readonly joinedAtMs: number;
  /** `CONNECTION_TIMEOUT` or `OTHER`; `""` if LiveKit gave no reason. Undefined if it has not left. */
  readonly leftReason?: string;
}

/** An ending by LKPS. It is stored before LiveKit is asked, because the webhooks may come before the response. */
interface Closing {
  readonly reason: EndingReason;
  /** When the session had ended by itself, if it had. */
  readonly alreadyEndedAtMs: number | null;
  /** When LiveKit confirmed that the room is gone. Only then has the session ended. */
  readonly confirmedAtMs: number | null;
  /** Whether a closed room has taken the place of the deleted one. */
  readonly isClosed: boolean;
}

/** What LKPS knows of a session besides its record: what LiveKit said, and what LKPS did. Plain JSON. */
export interface KnownSession {
  /** The newest room, and when it finished, in LiveKit's own time. */
  readonly room?: SeenRoom & { readonly finishedAtMs?: number };
  /** Since when the newest room is missing in LiveKit's list, and whether a later look confirmed it. */
  readonly missing?: { readonly sinceMs: number; readonly isConfirmed: boolean };
  /** The newest connections, sorted by time. */
  readonly connections?: readonly Connection[];
  /** When the participant, and an agent, first joined. */
  readonly joinedAtMs?: number;
  readonly agentJoinedAtMs?: number;
  /** When the participant last joined. */
  readonly lastEntryAtMs?: number;
  readonly closing?: Closing;
  /** When the check first denied the client, and whether a later one did, too. Not set if the last one did not deny it. */
  readonly denied?: { readonly sinceMs: number; readonly isConfirmed: boolean };
  /** How often the agent was called again: in all rooms, and in the newest one. */
  readonly recalls?: {
    readonly total: number;
    readonly roomSid: string;
    readonly inRoom: number;
    readonly lastAtMs: number;
    /** The dispatch of the participant's token. */
    readonly dispatchId: string;
  };
}

/** What one of LiveKit's webhooks says of a session's room. */
export interface RoomEvent {
  readonly kind: "seen" | "finished" | "joined" | "left";
  /** In LiveKit's time. */
  readonly atMs: number;
  readonly room: SeenRoom;
  /** For `joined` and `left`. */
  readonly participant?: SeenParticipant & { readonly leftReason?: string };
}

/** A participant in LiveKit. */
export interface SeenParticipant {
  readonly sid: string;
  readonly identity: string;
  readonly isAgent: boolean;
  readonly joinedAtMs: number;
}

/** What LiveKit answered when the check asked for a session's room. */
export interface RoomReading {
  /** When LiveKit was asked. */
  readonly askedAtMs: number;
  readonly room: SeenRoom | undefined;
  /** Undefined if LKPS did not ask for them. */
  readonly participants?: readonly SeenParticipant[];
}

/** Two checks count as two only if they are this far apart: two instances may check at the same time. */
export const MIN_APART_MS = 20_000;
