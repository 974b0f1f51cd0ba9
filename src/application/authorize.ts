import type { ClientId } from "../domain/client-id.ts";
import { type Decision, decide } from "../domain/decision.ts";
import type { DecisionRecord } from "../domain/decision-record.ts";
import { DependencyError } from "../domain/dependency-error.ts";
import type { ApplicationDirectory, ApplicationReading, Chance, RegistrationStore } from "../domain/ports.ts";
import { TooManyReadsError } from "../domain/too-many-reads-error.ts";
import { denyNotBefore, type Inquiry } from "./inquiry.ts";
import { timedTables } from "./timed-tables.ts";

/** What a decision is made from. */
export interface JudgePorts {
  readonly registrations: Pick<RegistrationStore, "find">;
  readonly applications: Pick<ApplicationDirectory, "read">;
  readonly chance: Chance;
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
export async function judge(
  ports: JudgePorts,
  agent: ClientId,
  client: ClientId,
  inquiry: Inquiry,
): Promise<Decision> {
  const { record } = inquiry;
  record.agent_entra_app_id = agent;
  record.client_app_id = client;
  const registration = await timedTables(ports.chance, record, () => ports.registrations.find(agent));
  if (registration === undefined) return note(record, decide(agent, client, { registration: "none" }));
  record.enforce_client_authz = registration.enforceClientAuthz;
  if (!registration.enforceClientAuthz) {
    return note(record, decide(agent, client, { registration: "enforcement_disabled" }));
  }

  const deadline = ports.chance.elapsed() + ports.graphTimeoutMs;
  const notBefore = denyNotBefore(inquiry);
  let reading = await read(ports, agent, inquiry, deadline);
  let decision = decideOn(agent, client, reading);
  if (!decision.allowed && reading.askedAt < notBefore) {
    reading = await read(ports, agent, inquiry, deadline, notBefore);
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
  ports: JudgePorts,
  agent: ClientId,
  { allowance, record }: Inquiry,
  deadline: number,
  notBefore?: number,
): Promise<ApplicationReading> {
  const startedAt = ports.chance.elapsed();
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
      record.graph_ms = (record.graph_ms ?? 0) + ports.chance.elapsed() - startedAt;
    }
  }
}

function note(record: DecisionRecord, decision: Decision): Decision {
  record.code = decision.allowed ? decision.permit.basis : decision.code;
  record.check = decision.allowed ? null : decision.check;
  return decision;
}
