import type { SessionRecord } from "../domain/session.ts";

/** The JSON of a session. */
export function sessionResponse(session: SessionRecord) {
  return {
    session_id: session.sessionId,
    client_app_id: session.client,
    basis: session.basis,
    room_name: session.roomName,
    participant_identity: session.participantIdentity,
    started_at: session.startedAt.toISOString(),
    expires_at: session.expiresAt.toISOString(),
    decision_id: session.decisionId,
  };
}
