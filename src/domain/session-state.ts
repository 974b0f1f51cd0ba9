import type { EndingReason } from "./known-session.ts";
import type { TrackedSession } from "./session.ts";

/** A change of a session's state that operators see in the log. */
export type SessionEvent =
  | "session_joined"
  | "session_agent_joined"
  | "session_agent_recalled"
  | "session_ended";

type SessionState = "issued" | "waiting" | "active" | "ended" | "unused";

/** A session's state, derived from what is known. Times are `null` if it did not happen. */
export interface SessionStatus {
  readonly state: SessionState;
  readonly joinedAtMs: number | null;
  readonly agentJoinedAtMs: number | null;
  readonly agentRecalls: number;
  readonly endedAtMs: number | null;
  readonly endReason: EndingReason | "left" | null;
}

/** A session before and after a change. The same object if nothing changed. */
export interface SessionChange {
  readonly before: TrackedSession;
  readonly after: TrackedSession;
}

/** LiveKit takes tokens until a minute after they expired. */
const TOKEN_LEEWAY_MS = 60_000;
/** After an entry, LiveKit's renewed token is good for ten minutes, and for its leeway. */
const WATCHED_AFTER_ENTRY_MS = 12 * 60_000;
const WATCHED_AFTER_EXPIRY_MS = 2 * 60_000;
/** Without checks, a session whose end nobody reported is not live forever. */
const MAX_UNCHECKED_MS = 86_400_000;

/** Derives the state. Pure. */
export function statusOf({ known, expiresAt }: TrackedSession, nowMs: number): SessionStatus {
  const { room, closing } = known;
  const status = (state: SessionState, ended?: Pick<SessionStatus, "endedAtMs" | "endReason">) => ({
    state,
    joinedAtMs: known.joinedAtMs ?? null,
    agentJoinedAtMs: known.agentJoinedAtMs ?? null,
    agentRecalls: known.recalls?.total ?? 0,
    endedAtMs: null,
    endReason: null,
    ...ended,
  });
  // One that had ended stays ended, whether or not LiveKit has confirmed that its room is closed.
  const closedAtMs = closing?.alreadyEndedAtMs ?? closing?.confirmedAtMs ?? null;
  if (closing !== undefined && closedAtMs !== null) {
    const endReason = closing.confirmedAtMs === null ? "left" : closing.reason;
    return status("ended", { endedAtMs: closedAtMs, endReason });
  }
  if (room === undefined) return status(nowMs > expiresAt.getTime() + TOKEN_LEEWAY_MS ? "unused" : "issued");
  const overAtMs = room.finishedAtMs ?? (known.missing?.isConfirmed ? known.missing.sinceMs : undefined);
  // LiveKit's webhooks have the second of the end, but the millisecond of the entry.
  const endedAtMs = Math.max(overAtMs ?? 0, known.joinedAtMs ?? 0);
  if (overAtMs !== undefined) return status("ended", { endedAtMs, endReason: "left" });
  const present = (known.connections ?? []).filter(
    ({ roomSid, leftReason }) => roomSid === room.sid && leftReason === undefined,
  );
  const isComplete = new Set(present.map(({ isAgent }) => isAgent)).size === 2;
  return status(isComplete ? "active" : "waiting");
}

/** Whether the session is neither over nor being ended. */
export function isOpen(session: TrackedSession, nowMs: number): boolean {
  const { state } = statusOf(session, nowMs);
  return session.known.closing === undefined && state !== "ended" && state !== "unused";
}

/**
 * Whether the check has to look at the session: it is not over, or its participant may come back by a renewed token.
 *
 * @param isChecked - false if the check is off
 */
export function isWatched(session: TrackedSession, nowMs: number, isChecked: boolean): boolean {
  const { known, expiresAt, startedAt } = session;
  const { state, endedAtMs, joinedAtMs } = statusOf(session, nowMs);
  if (state === "unused") return known.closing !== undefined;
  if (state === "issued") return true;
  if (state !== "ended") return isChecked || nowMs < (joinedAtMs ?? startedAt.getTime()) + MAX_UNCHECKED_MS;
  const lastEntryMs = Math.max(known.lastEntryAtMs ?? 0, endedAtMs ?? 0, known.closing?.confirmedAtMs ?? 0);
  const until = Math.max(lastEntryMs + WATCHED_AFTER_ENTRY_MS, expiresAt.getTime() + WATCHED_AFTER_EXPIRY_MS);
  return nowMs <= until;
}

/**
 * Until when a session counts that has not ended: now, or at most a day after it joined if the check is off.
 *
 * @param isChecked - false if the check is off
 */
export function openUntil(joinedAtMs: number, nowMs: number, isChecked: boolean): number {
  return isChecked ? nowMs : Math.min(nowMs, joinedAtMs + MAX_UNCHECKED_MS);
}

/** Whether the session counts for the owner's limits. */
export function countsAsLive(session: TrackedSession, nowMs: number, isChecked: boolean): boolean {
  const { state } = statusOf(session, nowMs);
  if (state === "issued") return nowMs < session.expiresAt.getTime();
  return (state === "waiting" || state === "active") && isWatched(session, nowMs, isChecked);
}

/** The events of the log for the changes between two states of a session. */
export function changesBetween(before: SessionStatus, after: SessionStatus): readonly SessionEvent[] {
  const isBack = before.state === "ended" && after.state !== "ended";
  const events: SessionEvent[] = [];
  if (after.joinedAtMs !== null && (before.joinedAtMs === null || isBack)) events.push("session_joined");
  if (after.agentJoinedAtMs !== null && before.agentJoinedAtMs === null) events.push("session_agent_joined");
  if (after.agentRecalls > before.agentRecalls) events.push("session_agent_recalled");
  if (after.state === "ended" && before.state !== "ended") events.push("session_ended");
  return events;
}
