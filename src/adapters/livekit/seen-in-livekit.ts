import type { ParticipantInfo, Room } from "livekit-server-sdk";
import type { SeenParticipant } from "../../domain/known-session.ts";

// LiveKit's enumerations, which its server SDK does not export. A test compares them with the protocol.
/** `ParticipantInfo_Kind.AGENT`. */
const AGENT = 4;
/** `ParticipantInfo_State`: not connected yet, or no longer. */
const [JOINED, DISCONNECTED] = [1, 3];
/** The only `DisconnectReason` that matters, and that nobody gave one. */
const [UNKNOWN_REASON, CONNECTION_TIMEOUT] = [0, 14];

/** When LiveKit created a room, in milliseconds; older servers say only the second. */
export function createdAtMsOf({ creationTimeMs, creationTime }: Room): number {
  return Number(creationTimeMs) || Number(creationTime) * 1_000;
}

/** Whether a participant is in the room. LiveKit also lists those whose connection may never succeed. */
export function isInRoom({ state }: ParticipantInfo): boolean {
  return Number(state) !== JOINED && Number(state) !== DISCONNECTED;
}

/** A participant of LiveKit as LKPS knows it; `undefined` if it joined at an impossible time. */
export function toParticipant(info: ParticipantInfo): SeenParticipant | undefined {
  const { sid, identity, kind, joinedAtMs, joinedAt } = info;
  // Older servers say only the second.
  const joined = Number(joinedAtMs) || Number(joinedAt) * 1_000;
  return isTime(joined) ? { sid, identity, isAgent: Number(kind) === AGENT, joinedAtMs: joined } : undefined;
}

/** Whether a `Date` can hold it. */
export function isTime(ms: number): boolean {
  return ms >= 0 && ms <= 8.64e15;
}

/** Why a participant left: `CONNECTION_TIMEOUT`, `OTHER`, or `""` if unknown. */
export function leftReasonOf({ disconnectReason }: ParticipantInfo): string {
  const reason = Number(disconnectReason);
  return reason === CONNECTION_TIMEOUT ? "CONNECTION_TIMEOUT" : reason === UNKNOWN_REASON ? "" : "OTHER";
}
