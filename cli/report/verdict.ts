import { identityRemediations } from "../../src/domain/remediation.ts";
import { type AgentAccess, responseOf } from "./report-data.ts";

/** The most important fact about an agent. */
export interface Verdict {
  readonly kind: "good" | "mixed" | "bad";
  readonly sentence: string;
  /** The consequence, or the next step. */
  readonly more: string | null;
}

/** Summarizes who may connect. */
export function verdictOf({ identity, view, clients, service }: AgentAccess): Verdict {
  const allowed = clients.filter(({ mayStartSessions }) => mayStartSessions).length;
  const response = responseOf(service);
  if (response?.enforced === false) {
    const denied = response.rehearsal.clients.filter(
      ({ may_start_sessions: isAllowed }) => !isAllowed,
    ).length;
    const recent = denied === 0 ? "" : ` ${denied} that used the agent recently would be denied.`;
    return {
      kind: "mixed",
      sentence: "Any client application may start sessions",
      more: `The agent opted out of enforcement. With enforcement on, ${countOf(allowed, clients.length)} could start sessions.${recent}`,
    };
  }
  if (response?.registered === false) {
    const more = `Once it is registered, ${countOf(allowed, clients.length)} could start sessions.`;
    return { kind: "bad", sentence: "No session can start: the agent is not registered with LKPS", more };
  }
  // If LKPS was not asked, the agent may have opted out.
  const condition = response === null ? "With enforcement on, " : "";
  const statement = `${condition}${countOf(allowed, clients.length)} may start sessions`;
  const sentence = `${statement.charAt(0).toUpperCase()}${statement.slice(1)}`;
  const [blocking] = identityRemediations(identity);
  if (blocking !== undefined) return { kind: "bad", sentence, more: blocking };
  if (clients.length === 0) {
    const more = `${listName(identity)} does not pre-authorize any client application.`;
    return { kind: "bad", sentence, more };
  }
  if (view.scopeState !== "enabled") {
    return {
      kind: "bad",
      sentence,
      more: "The agent must first expose the scope access_as_client, enabled.",
    };
  }
  const kind = allowed === clients.length ? "good" : allowed === 0 ? "bad" : "mixed";
  return { kind, sentence, more: null };
}

/** The application that lists the agent's clients, at the start of a sentence. */
export function listName(identity: AgentAccess["identity"]): string {
  return identity?.kind === "agent_identity" ? "The agent's blueprint" : "The agent's app registration";
}

function countOf(allowed: number, all: number): string {
  if (allowed === 0) return "no client application";
  if (all === 1) return "the one pre-authorized client application";
  const every = all === 2 ? "both" : `all ${all}`;
  return `${allowed === all ? every : `${allowed} of ${all}`} client applications`;
}
