import type { Check } from "../domain/decision.ts";
import type { GraphRateLimit, ReadLimits } from "../domain/graph-reading.ts";
import type { Clock } from "../domain/ports.ts";
import type { SessionEvent } from "../domain/session-state.ts";

/** The outcome of a decision or change. */
type Outcome = "session" | "allowed" | "denied" | "rejected" | "failed" | "done";

/**
 * The JSON log line of a decision or change. Every member is always present; `null` means that there is no
 * value. It holds only ids, codes and times, and nothing that a participant or owner wrote.
 */
export interface DecisionRecord {
  event: "session_start" | "evaluation" | "agent_registered" | "agent_unregistered" | SessionEvent | null;
  decision_id: string;
  status: number | null;
  outcome: Outcome | null;
  /** The basis of a permit, or the code of the problem. */
  code: string | null;
  check: Check | null;
  agent_entra_app_id: string | null;
  client_app_id: string | null;
  session_id: string | null;
  enforce_client_authz: boolean | null;
  application_source: "graph" | "cache" | null;
  application_read_at: string | null;
  application_digest: string | null;
  /** Milliseconds from the request's arrival to the response. */
  duration_ms: number | null;
  /** Milliseconds spent waiting for Graph; `null` if it was not called. */
  graph_ms: number | null;
  graph_attempts: number | null;
  /** Total milliseconds spent waiting for Table Storage. */
  tables_ms: number | null;
}

/** Creates an empty record, to be filled in while the request is handled. */
export function createDecisionRecord(event: DecisionRecord["event"], decisionId: string): DecisionRecord {
  return {
    event,
    decision_id: decisionId,
    status: null,
    outcome: null,
    code: null,
    check: null,
    agent_entra_app_id: null,
    client_app_id: null,
    session_id: null,
    enforce_client_authz: null,
    application_source: null,
    application_read_at: null,
    application_digest: null,
    duration_ms: null,
    graph_ms: null,
    graph_attempts: null,
    tables_ms: null,
  };
}

/** Waits for a table operation that has just started, and adds its duration, even if it fails, to `tables_ms`. */
export async function measureTableOperation<T>(
  clock: Pick<Clock, "elapsed">,
  record: DecisionRecord,
  operation: Promise<T>,
): Promise<T> {
  const startedAt = clock.elapsed();
  try {
    return await operation;
  } finally {
    record.tables_ms = (record.tables_ms ?? 0) + clock.elapsed() - startedAt;
  }
}

/** What a use case needs to know about the request that it decides for. */
export interface UseCaseContext {
  /** When the request arrived, on the clock of `Clock.elapsed`. */
  readonly arrivedAt: number;
  /** The caller's rate limit for requests to Graph. */
  readonly rateLimit: GraphRateLimit;
  /** Filled in with what the decision is based on. */
  readonly record: DecisionRecord;
}

/** The maximum age of a reading that a denial is based on, in milliseconds before the request arrived. */
const MAX_DENIAL_AGE_MS = 1_000;

/** The earliest `requestedAt` of a reading that a denial may be based on. */
export function denyNotBefore({ arrivedAt }: Pick<UseCaseContext, "arrivedAt">): number {
  return arrivedAt - MAX_DENIAL_AGE_MS;
}

/** The limits of the reads of Graph that begin now, for this caller. */
export function readLimits(
  { clock, graphTimeoutMs }: { readonly clock: Pick<Clock, "elapsed">; readonly graphTimeoutMs: number },
  { rateLimit }: Pick<UseCaseContext, "rateLimit">,
): ReadLimits {
  return { deadline: clock.elapsed() + graphTimeoutMs, rateLimit };
}
