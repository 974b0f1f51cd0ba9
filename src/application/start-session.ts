import type { ClientId } from "../domain/client-id.ts";
import type { Decision } from "../domain/decision.ts";
import type { DecisionRecord } from "../domain/decision-record.ts";
import type { Participant, ParticipantTokenIssuer, SessionRecord, SessionStore } from "../domain/ports.ts";
import { type JudgePorts, judge } from "./judge.ts";
import { timedTables } from "./timed-tables.ts";

/** What starting a session takes. */
export interface StartSessionPorts extends JudgePorts {
  readonly sessions: Pick<SessionStore, "add">;
  readonly tokens: ParticipantTokenIssuer;
}

/** What a client asks for. */
export interface SessionRequest {
  readonly agent: ClientId;
  readonly participant: Participant;
  readonly agentMetadata?: string | undefined;
}

/** A session that may be entered: what is kept of it, and the token that is not. */
export interface StartedSession {
  readonly participantToken: string;
  readonly session: SessionRecord;
}

/**
 * Decides, and if the client may, starts a session: names a fresh room, signs the participant's token and stores
 * the session record. The token leaves only after the record is stored.
 *
 * @throws DependencyError if a fact cannot be had or the record cannot be stored
 */
export async function startSession(
  ports: StartSessionPorts,
  client: ClientId,
  request: SessionRequest,
  arrivedAt: Date,
  record: DecisionRecord,
): Promise<StartedSession | Extract<Decision, { allowed: false }>> {
  const decision = await judge(ports, request.agent, client, arrivedAt, record);
  if (!decision.allowed) return decision;

  const { permit } = decision;
  const sessionId = ports.chance.uuid();
  const roomName = `lkps-${ports.chance.uuid()}`;
  const participantIdentity = `${client}-${ports.chance.suffix()}`;
  const startedAt = ports.chance.now();
  const { participantToken, expiresAt } = await ports.tokens.issue(permit, {
    sessionId,
    roomName,
    participantIdentity,
    participant: request.participant,
    agentMetadata: request.agentMetadata,
  });
  const session: SessionRecord = {
    sessionId,
    agent: permit.agent,
    client: permit.client,
    basis: permit.basis,
    roomName,
    participantIdentity,
    startedAt,
    expiresAt,
    decisionId: record.decision_id,
  };
  await timedTables(ports.chance, record, () => ports.sessions.add(session));
  record.session_id = sessionId;
  return { participantToken, session };
}
