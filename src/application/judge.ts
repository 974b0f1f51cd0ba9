import type { Application } from "../domain/application.ts";
import type { ClientId } from "../domain/client-id.ts";
import { type Decision, decide } from "../domain/decision.ts";
import type { DecisionRecord } from "../domain/decision-record.ts";
import { DependencyError } from "../domain/dependency-error.ts";
import type {
  ApplicationDirectory,
  ApplicationReading,
  Chance,
  ReadingNeed,
  RegistrationStore,
} from "../domain/ports.ts";
import { timedTables } from "./timed-tables.ts";

/** What a decision is made from. */
export interface JudgePorts {
  readonly registrations: Pick<RegistrationStore, "find">;
  readonly applications: Pick<ApplicationDirectory, "read">;
  readonly chance: Chance;
}

/** The oldest that a reading may be when it denies, in milliseconds before the request arrived. */
export const OLDEST_DENIAL_MS = 1_000;

/**
 * Gathers the facts and decides. The registration is read each time; Graph is asked only where enforcement is on.
 * An application that was read a while ago may let a client in, but denies nobody: a grant made a moment ago works
 * at once. Notes in `record` what the decision rests on.
 *
 * @throws DependencyError if a fact cannot be had: no decision, and so no session
 */
export async function judge(
  ports: JudgePorts,
  agent: ClientId,
  client: ClientId,
  arrivedAt: Date,
  record: DecisionRecord,
): Promise<Decision> {
  record.agent_entra_app_id = agent;
  record.client_app_id = client;
  const registration = await timedTables(ports.chance, record, () => ports.registrations.find(agent));
  if (registration === undefined) return note(record, decide(agent, client, { registration: "none" }));
  record.enforce_client_authz = registration.enforceClientAuthz;
  if (!registration.enforceClientAuthz) {
    return note(record, decide(agent, client, { registration: "enforcement_disabled" }));
  }

  const decideOn = (application: Application | null) =>
    decide(agent, client, { registration: "enforced", application });
  const reading = await read(ports, agent, record, {
    allows: (application) => decideOn(application).allowed,
    denyNotBefore: new Date(arrivedAt.getTime() - OLDEST_DENIAL_MS),
  });
  record.application_source = reading.source;
  record.application_read_at = reading.readAt.toISOString();
  record.application_digest = reading.digest;
  return note(record, decideOn(reading.application));
}

async function read(
  ports: JudgePorts,
  agent: ClientId,
  record: DecisionRecord,
  need: ReadingNeed,
): Promise<ApplicationReading> {
  const startedAt = ports.chance.elapsed();
  let attempts = 0;
  try {
    const reading = await ports.applications.read(agent, need);
    attempts = reading.attempts;
    return reading;
  } catch (error) {
    if (error instanceof DependencyError) attempts = error.attempts;
    throw error;
  } finally {
    if (attempts > 0) {
      record.graph_attempts = attempts;
      record.graph_ms = ports.chance.elapsed() - startedAt;
    }
  }
}

function note(record: DecisionRecord, decision: Decision): Decision {
  record.code = decision.allowed ? decision.permit.basis : decision.code;
  record.check = decision.allowed ? null : decision.check;
  return decision;
}
