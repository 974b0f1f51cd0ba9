import { type EntraIdentity, indexApplication, mapApplication } from "../../src/domain/application.ts";
import {
  type AuthorizationView,
  type OwnedApplication,
  viewAuthorization,
} from "../../src/domain/authorization-view.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { type Basis, type Check, codeOf, type DenialCode, decide } from "../../src/domain/decision.ts";
import { describeNearMiss } from "../descriptions.ts";
import { type ClientEntry, findClientEntry } from "./client-entry.ts";

/** The outcome of one of the three checks; `blocked` if it cannot pass before an earlier one does. */
export interface CheckOutcome {
  readonly check: Check;
  readonly outcome: "passed" | "failed" | "blocked";
  /** What the app registration contains, in a short phrase. */
  readonly found: string;
}

/** The decision about a client as if the agent were registered with enforcement, and what it is based on. */
export interface ClientDecision {
  readonly allowed: boolean;
  readonly code: Basis | DenialCode;
  readonly checks: readonly CheckOutcome[];
  readonly view: AuthorizationView;
  readonly entry: ClientEntry;
}

/** Decides with the service's own code. All three checks are reported, so that everything can be fixed at once. */
export function runChecks(
  agent: ClientId,
  client: ClientId,
  owned: EntraIdentity<OwnedApplication> | null,
): ClientDecision {
  const identity = mapApplication(owned, ({ api }) => indexApplication(api));
  const decision = decide(agent, client, { registration: "enforced", identity });
  const view = viewAuthorization(agent, owned);
  const application = owned?.application ?? null;
  const entry = findClientEntry(application?.api ?? null, client);
  return {
    allowed: decision.allowed,
    code: codeOf(decision),
    checks: application === null ? [] : [scopeCheck(view), listCheck(view, entry), entryCheck(view, entry)],
    view,
    entry,
  };
}

function scopeCheck({ scopeState, delegatedPermissionId, nearMisses }: AuthorizationView): CheckOutcome {
  if (scopeState === "enabled")
    return { check: 1, outcome: "passed", found: `the scope's id is ${delegatedPermissionId}` };
  if (scopeState === "disabled") return { check: 1, outcome: "failed", found: "the scope is disabled" };
  const similar = nearMisses.length === 0 ? "" : `; similar: ${nearMisses.map(describeNearMiss).join(", ")}`;
  return { check: 1, outcome: "failed", found: `there is no scope with this name${similar}` };
}

function listCheck({ clients }: AuthorizationView, { isListed }: ClientEntry): CheckOutcome {
  if (isListed) return { check: 2, outcome: "passed", found: "the client is in the list" };
  const others =
    clients.length === 0
      ? "the list is empty"
      : clients.length === 1
        ? "the list has 1 other client"
        : `the list has ${clients.length} other clients`;
  return { check: 2, outcome: "failed", found: `the client is not in the list; ${others}` };
}

function entryCheck(
  { scopeState }: AuthorizationView,
  { isListed, scopes, includesScope }: ClientEntry,
): CheckOutcome {
  if (!isListed) return { check: 3, outcome: "blocked", found: "the client has no entry" };
  if (scopeState === "missing") return { check: 3, outcome: "blocked", found: "the scope must exist first" };
  if (includesScope && scopeState === "enabled")
    return { check: 3, outcome: "passed", found: "the entry includes the scope's id" };
  if (includesScope) {
    return {
      check: 3,
      outcome: "blocked",
      found: "the entry includes the scope's id, but the scope must be enabled first",
    };
  }
  const others = [...scopes].map(([id, value]) => value ?? `${id}, which is not the id of a scope`);
  return {
    check: 3,
    outcome: "failed",
    found:
      others.length === 0
        ? "the entry includes no scopes"
        : `the entry includes only ${others.join(" and ")}`,
  };
}
