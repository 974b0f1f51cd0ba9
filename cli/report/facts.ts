import { describeNearMiss } from "../descriptions.ts";
import { type AgentAccess, hasList } from "./report-data.ts";

/** One fact about an agent. */
export interface Fact {
  readonly term: string;
  /** `null` if it is neither good nor bad. */
  readonly isGood: boolean | null;
  readonly value: string;
  /** Values that are almost the right one. */
  readonly similar: readonly string[];
}

/** What the agent is, and how it is set up. */
export function factsOf({ identity, view, service }: AgentAccess): Fact[] {
  const facts = identityFacts(identity);
  if (hasList(identity)) {
    const similar = view.nearMisses.map(describeNearMiss);
    facts.push({
      ...fact("Scope access_as_client", view.scopeState === "enabled", view.scopeState),
      similar,
    });
  }
  const term = "Registered with LKPS";
  if (service === null) return [...facts, fact(term, null, "not checked: LKPS was not asked")];
  if ("failure" in service) {
    return [...facts, fact(term, null, `not checked: LKPS could not be asked. ${service.failure}`)];
  }
  facts.push(fact(term, service.registered, service.registered ? "yes" : "no"));
  if (service.enforced !== null)
    facts.push(fact("Enforcement", service.enforced, service.enforced ? "on" : "off"));
  return facts;
}

function fact(term: string, isGood: boolean | null, value: string): Fact {
  return { term, isGood, value, similar: [] };
}

/** What the agent is in Microsoft Entra ID. */
function identityFacts(identity: AgentAccess["identity"]): Fact[] {
  if (identity?.kind !== "agent_identity") {
    return [fact("App registration", identity !== null, identity === null ? "not found" : "found")];
  }
  const { disabledBy, blueprint, application } = identity;
  const isEnabled = disabledBy.length === 0;
  const list =
    blueprint === null
      ? "none"
      : application === null
        ? `${blueprint}, which is not in this tenant`
        : `${blueprint}. Its list of clients counts for all its agents`;
  return [
    fact("Agent identity", isEnabled, isEnabled ? "enabled" : "disabled"),
    fact("Blueprint", application !== null, list),
  ];
}
