import { claimRecall, dispatchToRepeat, recallCause } from "../domain/agent-recall.ts";
import { decide } from "../domain/decision.ts";
import type { RoomReading, SeenParticipant } from "../domain/known-session.ts";
import { applyReading } from "../domain/live-session.ts";
import type { ListedRoom, LiveKitRooms } from "../domain/livekit-rooms.ts";
import type { TrackedSession } from "../domain/session.ts";
import { applyDecision, type CheckDecision } from "../domain/session-ending.ts";
import { isOpen, isWatched, statusOf } from "../domain/session-state.ts";
import { changeSession, closeRoom, type LogChange, type SessionPorts } from "./change-session.ts";
import type { AgentFacts } from "./gather-facts.ts";

/** What checking a session needs. */
export interface CheckSessionPorts extends SessionPorts {
  readonly rooms: LiveKitRooms;
  /** False if sessions are only archived once they are over. */
  readonly isChecked: boolean;
}

/** What LiveKit's list says of a session's room. */
export type ListReading = Omit<RoomReading, "participants"> & { readonly room: ListedRoom | undefined };

/**
 * Checks one session. Writes only what has changed.
 *
 * @param facts - `undefined` if they could not be read
 * @param listed - `undefined` if LiveKit could not be asked
 * @param isListed - whether to list the participants even if nothing has changed
 * @throws DependencyError `livekit_unavailable` or `storage_unavailable`; the next check does what is left
 */
export async function checkSession(
  ports: CheckSessionPorts,
  session: TrackedSession,
  facts: AgentFacts | undefined,
  listed: ListReading | undefined,
  isListed: boolean,
  log: LogChange,
): Promise<void> {
  const nowMs = ports.clock.now().getTime();
  const isActive = statusOf(session, nowMs).state === "active" && (listed?.room?.participants ?? 0) > 0;
  let participants: readonly SeenParticipant[] | undefined;
  let failure: unknown;
  try {
    const isAsked = listed?.room !== undefined && (isListed || !isActive);
    if (isAsked) participants = await ports.rooms.participants(session.roomName);
  } catch (error) {
    // Whoever is in the room, the decision counts.
    failure = error;
  }
  const reading = listed && { ...listed, ...(participants && { participants }) };
  const decision = decisionOn(session, facts);
  const maxMinutes = facts?.limits.max_session_minutes;
  const apply = (current: TrackedSession) => {
    const known = reading === undefined ? current.known : applyReading(current.known, reading, current);
    return ports.isChecked ? applyDecision({ ...current, known }, decision, maxMinutes, nowMs) : known;
  };
  let current = { ...session, known: apply(session) };
  const isChanged = JSON.stringify(current.known) !== JSON.stringify(session.known);
  if (isChanged || !isWatched(current, nowMs, ports.isChecked)) {
    const change = await changeSession(ports, session, apply, log);
    if (change === undefined) return;
    current = change.after;
  }
  const { closing } = current.known;
  if (closing !== undefined) {
    const isEntered = listed !== undefined && (listed.room === undefined || (participants ?? []).length > 0);
    if ((!closing.isClosed || isEntered) && isWatched(current, nowMs, true))
      await closeRoom(ports, current, log);
  } else if (decision === "allowed" && participants !== undefined && isOpen(current, nowMs)) {
    await recallAgent(ports, current, log);
  }
  if (failure !== undefined) throw failure;
}

function decisionOn({ agent, client }: TrackedSession, facts: AgentFacts | undefined): CheckDecision {
  if (facts?.facts === undefined) return "unknown";
  return decide(agent, client, facts.facts).allowed ? "allowed" : "denied";
}

/** Calls the agent again, if it did not come, or if its connection was lost. */
async function recallAgent(ports: CheckSessionPorts, session: TrackedSession, log: LogChange): Promise<void> {
  const nowMs = ports.clock.now().getTime();
  const cause = recallCause(session.known, nowMs);
  if (cause === undefined) return;
  const dispatches = await ports.rooms.dispatches(session.roomName);
  const dispatch = dispatchToRepeat(session.known, session.agent, cause, dispatches, nowMs);
  if (dispatch === undefined) return;
  // Counted first, so that no other instance calls it too.
  const claim = await changeSession(
    ports,
    session,
    (current) => {
      const isStillNeeded = isOpen(current, nowMs) && recallCause(current.known, nowMs) !== undefined;
      return isStillNeeded ? claimRecall(current.known, dispatch.id, nowMs) : current.known;
    },
    log,
  );
  if (claim === undefined || claim.after === claim.before) return;
  await ports.rooms.dispatch(session.roomName, dispatch);
  const countCall = ({ known }: TrackedSession) =>
    known.recalls === undefined
      ? known
      : { ...known, recalls: { ...known.recalls, total: known.recalls.total + 1 } };
  await changeSession(ports, session, countCall, log);
}
