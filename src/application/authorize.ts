import type { ApplicationReading } from "../domain/application-reading.ts";
import type { ClientId } from "../domain/client-id.ts";
import { type Decision, decide } from "../domain/decision.ts";
import type { DecisionRecord } from "../domain/decision-record.ts";
import { DependencyError } from "../domain/dependency-error.ts";
import type { ApplicationDirectory, Clock, RegistrationStore } from "../domain/ports.ts";
import { TooManyReadsError } from "../domain/too-many-reads-error.ts";
import { type DecisionContext, denyNotBefore } from "./decision-context.ts";
import { measureTableOperation } from "./measure-table-operation.ts";

/** What a decision is made from. */
export interface AuthorizePorts {
  readonly registrations: Pick<RegistrationStore, "find">;
  readonly applications: Pick<ApplicationDirectory, "read">;
  readonly clock: Clock;
  /** The most that reading an agent's application may take, waits included. */
  readonly graphTimeoutMs: number;
}

/**
 * Gathers the facts and decides. The registration is read each time; Graph is asked only where enforcement is on.
 * An application that was read a while ago may let a client in, but denies nobody: a grant made a moment ago works
 * at once. Notes in `record` what the decision rests on.
 *
 * @throws DependencyError or TooManyReadsError if a fact cannot be had: no decision, and so no session
 */
export async function authorize(
  ports: AuthorizePorts,
  agent: ClientId,
  client: ClientId,
  context: DecisionContext,
): Promise<Decision> {
  const { record } = context;
  record.agent_entra_app_id = agent;
  record.client_app_id = client;
  const registration = await measureTableOperation(ports.clock, record, () =>
    ports.registrations.find(agent),
  );
  if (registration === undefined) return note(record, decide(agent, client, { registration: "none" }));
  record.enforce_client_authz = registration.enforceClientAuthz;
  if (!registration.enforceClientAuthz) {
    return note(record, decide(agent, client, { registration: "enforcement_disabled" }));
  }

  const deadline = ports.clock.elapsed() + ports.graphTimeoutMs;
  const notBefore = denyNotBefore(context);
  let reading = await read(ports, agent, context, deadline);
  let decision = decideOn(agent, client, reading);
  if (!decision.allowed && reading.requestedAt < notBefore) {
    reading = await read(ports, agent, context, deadline, notBefore);
    decision = decideOn(agent, client, reading);
  }
  record.application_source = reading.source;
  record.application_read_at = reading.readAt.toISOString();
  record.application_digest = reading.digest;
  return note(record, decision);
}

function decideOn(agent: ClientId, client: ClientId, { application }: ApplicationReading): Decision {
  return decide(agent, client, { registration: "enforced", application });
}

/** Reads the application, and adds to the record how often Graph was asked, and how long that took. */
async function read(
  ports: AuthorizePorts,
  agent: ClientId,
  { allowance, record }: DecisionContext,
  deadline: number,
  notBefore?: number,
): Promise<ApplicationReading> {
  const startedAt = ports.clock.elapsed();
  let attempts = 0;
  try {
    const reading = await ports.applications.read(agent, { deadline, allowance }, notBefore);
    attempts = reading.attempts;
    return reading;
  } catch (error) {
    if (error instanceof DependencyError || error instanceof TooManyReadsError) attempts = error.attempts;
    throw error;
  } finally {
    if (attempts > 0) {
      record.graph_attempts = (record.graph_attempts ?? 0) + attempts;
      record.graph_ms = (record.graph_ms ?? 0) + ports.clock.elapsed() - startedAt;
    }
  }
}

function note(record: DecisionRecord, decision: Decision): Decision {
  record.code = decision.allowed ? decision.permit.basis : decision.code;
  record.check = decision.allowed ? null : decision.check;
  return decision;
}
