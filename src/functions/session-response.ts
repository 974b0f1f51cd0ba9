import type { TrackedSession } from "../domain/session.ts";
import { statusOf } from "../domain/session-state.ts";
import { Problem } from "../http/problem.ts";

/** The JSON of a session. */
export function sessionResponse(session: TrackedSession, now: Date) {
  const status = statusOf(session, now.getTime());
  return {
    session_id: session.sessionId,
    client_app_id: session.client,
    basis: session.basis,
    room_name: session.roomName,
    participant_identity: session.participantIdentity,
    started_at: session.startedAt.toISOString(),
    expires_at: session.expiresAt.toISOString(),
    decision_id: session.decisionId,
    state: status.state,
    joined_at: timeOf(status.joinedAtMs),
    agent_joined_at: timeOf(status.agentJoinedAtMs),
    agent_recalls: status.agentRecalls,
    ended_at: timeOf(status.endedAtMs),
    end_reason: status.endReason,
  };
}

function timeOf(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}

/** The same for another agent's session, so that nobody learns which ids exist. */
export function sessionNotFound(): Problem {
  return new Problem("session_not_found", {
    detail: "The agent has no session with this id. Its list of sessions has the ids.",
  });
}
