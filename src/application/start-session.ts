import type { ClientId } from "../domain/client-id.ts";
import type { Decision } from "../domain/decision.ts";
import type { ParticipantTokenIssuer, Random, SessionStore } from "../domain/ports.ts";
import type { SessionRecord, SessionRequest } from "../domain/session.ts";
import { sessionIdOf } from "../domain/session-id.ts";
import { type AuthorizePorts, authorize } from "./authorize.ts";
import type { DecisionContext } from "./decision-context.ts";
import { measureTableOperation } from "./measure-table-operation.ts";

/** What starting a session takes. */
export interface StartSessionPorts extends AuthorizePorts {
  readonly sessions: Pick<SessionStore, "add">;
  readonly participantTokens: ParticipantTokenIssuer;
  readonly random: Random;
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
  context: DecisionContext,
): Promise<StartedSession | Extract<Decision, { allowed: false }>> {
  const decision = await authorize(ports, request.agent, client, context);
  if (!decision.allowed) return decision;

  const { permit } = decision;
  const { record } = context;
  const startedAt = ports.clock.now();
  const sessionId = sessionIdOf(startedAt, ports.random.uuid());
  // Whoever knows the room's name knows whose session it is, and where its record is.
  const roomName = `lkps-${permit.agent}-${sessionId}`;
  const participantIdentity = `${client}-${ports.random.suffix()}`;
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
    measureTableOperation(ports.clock, record, () => ports.sessions.add(session)),
    ports.participantTokens.issue(permit, plan),
  ]);
  record.session_id = sessionId;
  return { participantToken, session };
}
