import type { ReportData } from "./report-data.ts";

/** What one should know of an agent if one reads nothing else. */
export interface Verdict {
  readonly kind: "good" | "mixed" | "bad";
  readonly sentence: string;
  /** What it means, or what comes next. */
  readonly more: string | null;
}

/** Sums a report up. */
export function verdictOf({ isFound, view, clients, service }: ReportData): Verdict {
  const allowed = clients.filter(({ mayStartSessions }) => mayStartSessions).length;
  const registration = typeof service === "string" ? null : service;
  if (registration?.enforces === false) {
    const refused = registration.rehearsal.clients.filter(({ may_start_sessions: may }) => !may).length;
    const lately = refused === 0 ? "" : ` ${refused} that used it lately would be refused.`;
    return {
      kind: "mixed",
      sentence: "Any client application may start sessions",
      more: `The agent opted out of enforcement. With it, ${countOf(allowed, clients.length)} could.${lately}`,
    };
  }
  if (!isFound) {
    const more = "Microsoft Entra ID has no app registration with this client id.";
    return { kind: "bad", sentence: "No client application may start sessions", more };
  }
  if (registration?.registered === false) {
    const more = `Once it is, ${countOf(allowed, clients.length)} could.`;
    return { kind: "bad", sentence: "No session can start: the agent is not registered with LKPS", more };
  }
  if (clients.length === 0) {
    const more = "None is authorized on the agent's app registration.";
    return { kind: "bad", sentence: "No client application may start sessions", more };
  }
  const count = countOf(allowed, clients.length);
  const sentence = `${count.charAt(0).toUpperCase()}${count.slice(1)} may start sessions`;
  if (view.scopeState !== "enabled") {
    return { kind: "bad", sentence, more: "They all wait for the agent's scope access_as_client." };
  }
  return {
    kind: allowed === clients.length ? "good" : allowed === 0 ? "bad" : "mixed",
    sentence,
    more: null,
  };
}

function countOf(allowed: number, all: number): string {
  if (all === 0) return "none";
  if (all === 1)
    return allowed === 1 ? "the one authorized client application" : "0 of 1 client applications";
  const every = all === 2 ? "both" : `all ${all}`;
  return `${allowed === all ? every : `${allowed} of ${all}`} client applications`;
}
