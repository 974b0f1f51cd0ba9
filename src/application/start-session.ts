import type { ClientId } from "../domain/client-id.ts";
import type { Decision } from "../domain/decision.ts";
import type { ParticipantTokenIssuer, SessionRecord, SessionRequest, SessionStore } from "../domain/ports.ts";
import { sessionIdOf } from "../domain/session-id.ts";
import { type JudgePorts, judge } from "./authorize.ts";
import type { Inquiry } from "./inquiry.ts";
import { timedTables } from "./timed-tables.ts";

/** What starting a session takes. */
export interface StartSessionPorts extends JudgePorts {
  readonly sessions: Pick<SessionStore, "add">;
  readonly tokens: ParticipantTokenIssuer;
  /** How long a token may be used to join the room. */
  readonly tokenTtlSeconds: number;
}

/** A session that may be entered: what is kept of it, and the token that is not. */
export interface StartedSession {
  readonly participantToken: string;
  readonly session: SessionRecord;
}

/**
 * Decides, and if the client may, starts a session: names a fresh room, and signs the participant's token while the
 * session record is stored. The token leaves only after that.
 *
 * @throws DependencyError or TooManyReadsError if a fact cannot be had or the record cannot be stored
 */
export async function startSession(
  ports: StartSessionPorts,
  client: ClientId,
  request: SessionRequest,
  inquiry: Inquiry,
): Promise<StartedSession | Extract<Decision, { allowed: false }>> {
  const decision = await judge(ports, request.agent, client, inquiry);
  if (!decision.allowed) return decision;

  const { permit } = decision;
  const { record } = inquiry;
  const startedAt = ports.chance.now();
  const sessionId = sessionIdOf(startedAt, ports.chance.uuid());
  // Whoever knows the room's name knows whose session it is, and where its record is.
  const roomName = `lkps-${permit.agent}-${sessionId}`;
  const participantIdentity = `${client}-${ports.chance.suffix()}`;
  // A token counts in whole seconds.
  const expiresAt = new Date((Math.floor(startedAt.getTime() / 1_000) + ports.tokenTtlSeconds) * 1_000);
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
  const plan = {
    sessionId,
    roomName,
    participantIdentity,
    participant: request.participant,
    agentMetadata: request.agentMetadata,
    expiresAt,
  };
  const [, participantToken] = await Promise.all([
    timedTables(ports.chance, record, () => ports.sessions.add(session)),
    ports.tokens.issue(permit, plan),
  ]);
  record.session_id = sessionId;
  return { participantToken, session };
}
