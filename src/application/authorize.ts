import type { ClientId } from "../domain/client-id.ts";
import { codeOf, type Decision, decide } from "../domain/decision.ts";
import { DependencyError } from "../domain/dependency-error.ts";
import { type ApplicationSnapshot, RateLimitError, type ReadLimits } from "../domain/graph-reading.ts";
import type { ApplicationDirectory, Clock } from "../domain/ports.ts";
import type { Registration, RegistrationStore } from "../domain/registration.ts";
import {
  type DecisionRecord,
  denyNotBefore,
  measureTableOperation,
  readLimits,
  type UseCaseContext,
} from "./use-case-context.ts";

/** What the authorization decision needs. */
export interface AuthorizePorts {
  readonly registrations: Pick<RegistrationStore, "find">;
  readonly applications: Pick<ApplicationDirectory, "read">;
  readonly clock: Clock;
  /** The time limit for reading the agent's application, in milliseconds, including waits. */
  readonly graphTimeoutMs: number;
}

/** A decision, and the registration that it is based on; `undefined` if there is none. */
export interface Authorization {
  readonly decision: Decision;
  readonly registration: Registration | undefined;
}

/**
 * Gathers the facts and decides. Reads the registration each time, and Graph only if enforcement is on. A
 * cached application may allow a client; before a denial, one that is too old is read again, so that a new
 * grant works at once. Records what the decision is based on in the context's `record`.
 *
 * @throws DependencyError or RateLimitError if a fact is not available. Without a decision there is no
 *   session
 */
export async function authorize(
  ports: AuthorizePorts,
  agent: ClientId,
  client: ClientId,
  context: UseCaseContext,
): Promise<Authorization> {
  const { record } = context;
  record.agent_entra_app_id = agent;
  record.client_app_id = client;
  const registration = await measureTableOperation(ports.clock, record, ports.registrations.find(agent));
  record.enforce_client_authz = registration?.enforceClientAuthz ?? null;

  let decision: Decision;
  if (registration === undefined) decision = decide(agent, client, { registration: "none" });
  else if (!registration.enforceClientAuthz)
    decision = decide(agent, client, { registration: "enforcement_disabled" });
  else {
    const limits = readLimits(ports, context);
    const notBefore = denyNotBefore(context);
    let snapshot = await readApplication(ports, agent, record, limits);
    decision = decide(agent, client, { registration: "enforced", identity: snapshot.identity });
    if (!decision.allowed && snapshot.requestedAt < notBefore) {
      snapshot = await readApplication(ports, agent, record, limits, notBefore);
      decision = decide(agent, client, { registration: "enforced", identity: snapshot.identity });
    }
    record.application_source = snapshot.source;
    record.application_read_at = snapshot.readAt.toISOString();
    record.application_digest = snapshot.digest;
  }
  record.code = codeOf(decision);
  record.check = decision.allowed ? null : decision.check;
  return { decision, registration };
}

/** Reads an agent's application, and adds the number of requests to Graph and the time to the record. */
async function readApplication(
  ports: {
    readonly applications: Pick<ApplicationDirectory, "read">;
    readonly clock: Pick<Clock, "elapsed">;
  },
  agent: ClientId,
  record: DecisionRecord,
  limits: ReadLimits,
  notBefore?: number,
): Promise<ApplicationSnapshot> {
  const startedAt = ports.clock.elapsed();
  let attempts = 0;
  try {
    const snapshot = await ports.applications.read(agent, limits, notBefore);
    attempts = snapshot.attempts;
    return snapshot;
  } catch (error) {
    if (error instanceof DependencyError || error instanceof RateLimitError) attempts = error.attempts;
    throw error;
  } finally {
    if (attempts > 0) {
      record.graph_attempts = (record.graph_attempts ?? 0) + attempts;
      record.graph_ms = (record.graph_ms ?? 0) + ports.clock.elapsed() - startedAt;
    }
  }
}
