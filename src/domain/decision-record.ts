import type { Check } from "./decision.ts";

/** How a decision, or an attempt to get one, ended. */
type Outcome = "session" | "allowed" | "denied" | "rejected" | "failed" | "done";

/**
 * The line of JSON that operators find in the host's log for each decision. Every member is always there, `null`
 * where there is nothing to say. Ids, codes and times only: nothing that a participant or an owner wrote.
 */
export interface DecisionRecord {
  event: "session_start" | "evaluation" | "agent_registered" | "agent_unregistered" | null;
  decision_id: string;
  status: number | null;
  outcome: Outcome | null;
  /** The basis of an allowed decision, or the code of the problem. */
  code: string | null;
  check: Check | null;
  agent_entra_app_id: string | null;
  client_app_id: string | null;
  session_id: string | null;
  enforce_client_authz: boolean | null;
  application_source: "graph" | "cache" | null;
  application_read_at: string | null;
  application_digest: string | null;
  /** Milliseconds from the request's arrival in the app to its answer. */
  duration_ms: number | null;
  /** Milliseconds spent waiting for Graph; `null` where it was not asked. */
  graph_ms: number | null;
  graph_attempts: number | null;
  /** Milliseconds spent waiting for Table Storage, its operations added up. */
  tables_ms: number | null;
}

/** A record that says nothing yet; whoever handles the request fills it in as it learns. */
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
