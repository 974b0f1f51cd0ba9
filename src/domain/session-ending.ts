import { type EndingReason, type KnownSession, MIN_APART_MS } from "./known-session.ts";
import type { TrackedSession } from "./session.ts";
import { isOpen, statusOf } from "./session-state.ts";

/** What the check decided about a session's client; `unknown` if a fact was not available. */
export type CheckDecision = "allowed" | "denied" | "unknown";

/**
 * Adds the decision of a check. The second denial in a row ends the session; if it is over, it ends when its participant comes
 * back. Pure.
 */
export function applyDecision(
  session: TrackedSession,
  decision: CheckDecision,
  maxSessionMinutes: number | undefined,
  nowMs: number,
): KnownSession {
  const { known } = session;
  const { denied, ...rest } = known;
  // Another instance's clock may be ahead.
  const sinceMs = Math.min(denied?.sinceMs ?? nowMs, nowMs);
  const isConfirmed = denied?.isConfirmed || nowMs - sinceMs >= MIN_APART_MS;
  const isDenied = decision === "denied" && known.closing === undefined;
  const next = isDenied ? { ...rest, denied: { sinceMs, isConfirmed } } : rest;
  const ended = endIfDenied({ ...session, known: next }, nowMs);
  const isTooLong = nowMs >= (known.joinedAtMs ?? nowMs) + (maxSessionMinutes ?? Infinity) * 60_000;
  if (ended !== next || !isTooLong || !isOpen(session, nowMs)) return ended;
  return close({ ...session, known: rest }, "duration_limit", nowMs);
}

/** Requests the ending of a session that is live, or live again, and whose client two checks in a row have denied. Pure. */
export function endIfDenied(session: TrackedSession, nowMs: number): KnownSession {
  const { denied, ...known } = session.known;
  if (!denied?.isConfirmed || !isOpen(session, nowMs)) return session.known;
  return close({ ...session, known }, "authorization_withdrawn", nowMs);
}

/** Requests the ending of a session, before LiveKit is asked. The first reason stays. Pure. */
export function close(session: TrackedSession, reason: EndingReason, nowMs: number): KnownSession {
  const { known } = session;
  const { state, endedAtMs } = statusOf(session, nowMs);
  if (known.closing !== undefined || state === "unused") return known;
  return { ...known, closing: { reason, alreadyEndedAtMs: endedAtMs, confirmedAtMs: null, isClosed: false } };
}

/** Adds that LiveKit deleted the room, and whether a closed one has taken its place. Pure. */
export function confirmClosing(known: KnownSession, isClosed: boolean, nowMs: number): KnownSession {
  if (known.closing === undefined) return known;
  const { confirmedAtMs } = known.closing;
  return { ...known, closing: { ...known.closing, confirmedAtMs: confirmedAtMs ?? nowMs, isClosed } };
}
