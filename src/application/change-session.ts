import type { KnownSession } from "../domain/known-session.ts";
import type { LiveKitRooms } from "../domain/livekit-rooms.ts";
import type { Clock, SessionStore } from "../domain/ports.ts";
import type { SessionRecord, TrackedSession } from "../domain/session.ts";
import { confirmClosing } from "../domain/session-ending.ts";
import { changesBetween, type SessionChange, statusOf } from "../domain/session-state.ts";
import { createDecisionRecord, type DecisionRecord } from "./use-case-context.ts";

/** What changing and ending sessions needs. */
export interface SessionPorts {
  readonly sessions: Pick<SessionStore, "change">;
  readonly rooms: Pick<LiveKitRooms, "close">;
  readonly clock: Pick<Clock, "now">;
}

/** Logs a line of a change of a session's state. */
export type LogChange = (line: DecisionRecord) => void;

/**
 * Changes what is known of a session, and logs what changed once that is stored.
 *
 * @returns `undefined` if there is no such session
 * @throws DependencyError `storage_unavailable`
 */
export async function changeSession(
  { sessions, clock }: Pick<SessionPorts, "sessions" | "clock">,
  { agent, sessionId }: Pick<SessionRecord, "agent" | "sessionId">,
  change: (session: TrackedSession) => KnownSession,
  log: LogChange,
): Promise<SessionChange | undefined> {
  const changed = await sessions.change(agent, sessionId, change);
  if (changed === undefined) return undefined;
  const nowMs = clock.now().getTime();
  const { decisionId, client } = changed.after;
  const status = statusOf(changed.after, nowMs);
  for (const event of changesBetween(statusOf(changed.before, nowMs), status)) {
    const line = createDecisionRecord(event, decisionId);
    line.outcome = "done";
    line.code = status.endReason;
    line.agent_entra_app_id = agent;
    line.client_app_id = client;
    line.session_id = sessionId;
    log(line);
  }
  return changed;
}

const MIN_CLOSED_SECONDS = 720;
const MIN_CLOSED_AFTER_EXPIRY_SECONDS = 120;

/**
 * Puts out whoever is in the room of a session that LKPS ends or has ended, and closes it. The session has ended once
 * LiveKit has deleted the room.
 *
 * @throws DependencyError `livekit_unavailable` if the room may still be open, or `storage_unavailable`
 */
export async function closeRoom(ports: SessionPorts, session: TrackedSession, log: LogChange): Promise<void> {
  const secondsLeft = Math.ceil((session.expiresAt.getTime() - ports.clock.now().getTime()) / 1_000);
  const seconds = Math.max(MIN_CLOSED_SECONDS, secondsLeft + MIN_CLOSED_AFTER_EXPIRY_SECONDS);
  const isClosed = await ports.rooms.close(session.roomName, seconds);
  const nowMs = ports.clock.now().getTime();
  await changeSession(ports, session, ({ known }) => confirmClosing(known, isClosed, nowMs), log);
}
