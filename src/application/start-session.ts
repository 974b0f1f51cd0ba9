import type { ClientId } from "../domain/client-id.ts";
import type { Decision } from "../domain/decision.ts";
import type { ParticipantTokenIssuer, Random, SessionStore } from "../domain/ports.ts";
import { type SessionRecord, type SessionRequest, sessionIdOf } from "../domain/session.ts";
import { type AuthorizePorts, authorize } from "./authorize.ts";
import { measureTableOperation, type UseCaseContext } from "./use-case-context.ts";

/** What starting a session needs. */
export interface StartSessionPorts extends AuthorizePorts {
  readonly sessions: Pick<SessionStore, "add" | "takeSlot">;
  readonly participantTokens: ParticipantTokenIssuer;
  readonly random: Random;
  /** How long the token can be used to join the room, in seconds. */
  readonly tokenTtlSeconds: number;
}

/** What became of a start. */
export type StartOutcome =
  | {
      readonly kind: "started";
      /** Not stored. */
      readonly participantToken: string;
      readonly session: SessionRecord;
    }
  | { readonly kind: "denied"; readonly denial: Extract<Decision, { allowed: false }> }
  | { readonly kind: "deployment_not_allowed" }
  | { readonly kind: "session_limit_reached" };

/**
 * Starts a session if the client is authorized, the agent's owner allows the deployment, and no limit is reached: names a fresh
 * room, and signs the participant token while the session record is stored. Returns the token only if the
 * record was stored.
 *
 * @throws DependencyError or RateLimitError if a fact is not available or the record can't be stored
 */
export async function startSession(
  ports: StartSessionPorts,
  client: ClientId,
  request: SessionRequest,
  context: UseCaseContext,
): Promise<StartOutcome> {
  const { decision, registration } = await authorize(ports, request.agent, client, context);
  if (!decision.allowed) return { kind: "denied", denial: decision };
  const { deployment } = request;
  if (deployment !== undefined && !registration?.deployments.includes(deployment)) {
    return { kind: "deployment_not_allowed" };
  }

  const { permit } = decision;
  const { record } = context;
  const startedAt = ports.clock.now();
  const sessionId = sessionIdOf(startedAt, ports.random.uuid());
  // The room's name identifies the session, its agent, and so its record.
  const roomName = `lkps-${permit.agent}-${sessionId}`;
  const participantIdentity = `${client}-${ports.random.suffix()}`;
  // Token expiry has a resolution of one second.
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
  const { max_live_sessions: max, max_live_sessions_per_client: maxOfClient } = registration?.limits ?? {};
  if (max !== undefined || maxOfClient !== undefined) {
    const limits = { max_live_sessions: max, max_live_sessions_per_client: maxOfClient };
    const slot = ports.sessions.takeSlot(session, limits);
    if (!(await measureTableOperation(ports.clock, record, slot))) return { kind: "session_limit_reached" };
  }
  const plan = {
    sessionId,
    roomName,
    participantIdentity,
    participant: request.participant,
    agentMetadata: request.agentMetadata,
    deployment,
    expiresAt,
  };
  const [, participantToken] = await Promise.all([
    measureTableOperation(ports.clock, record, ports.sessions.add(session)),
    ports.participantTokens.issue(permit, plan),
  ]);
  record.session_id = sessionId;
  return { kind: "started", participantToken, session };
}
