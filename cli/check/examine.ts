import { indexApplication } from "../../src/domain/application.ts";
import {
  type AuthorizationView,
  type OwnedApplication,
  viewAuthorization,
} from "../../src/domain/authorization-view.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { type Basis, type Check, type DenialCode, decide } from "../../src/domain/decision.ts";
import { type EntryView, entryOf } from "./entry.ts";
import { nearMissWords } from "./words.ts";

/** One of the three checks; `blocked` if it cannot pass before an earlier one does. */
export interface CheckView {
  readonly check: Check;
  readonly outcome: "passed" | "failed" | "blocked";
  /** What is there, in a few words. */
  readonly found: string;
}

/** The decision about a client as if the agent were registered with enforcement, and what it rests on. */
export interface Examination {
  readonly allowed: boolean;
  readonly code: Basis | DenialCode;
  readonly checks: readonly CheckView[];
  readonly view: AuthorizationView;
  readonly entry: EntryView;
}

/** Decides by the service's own code. The three checks are all looked at, so that all can be mended in one go. */
export function examine(
  agent: ClientId,
  client: ClientId,
  application: OwnedApplication | null,
): Examination {
  const indexed = application === null ? null : indexApplication(application.api);
  const decision = decide(agent, client, { registration: "enforced", application: indexed });
  const view = viewAuthorization(agent, application);
  const entry = entryOf(application?.api ?? null, client);
  return {
    allowed: decision.allowed,
    code: decision.allowed ? decision.permit.basis : decision.code,
    checks: application === null ? [] : [scopeCheck(view), listCheck(view, entry), entryCheck(view, entry)],
    view,
    entry,
  };
}

function scopeCheck({ scopeState, delegatedPermissionId, nearMisses }: AuthorizationView): CheckView {
  if (scopeState === "enabled")
    return { check: 1, outcome: "passed", found: `its id is ${delegatedPermissionId}` };
  if (scopeState === "disabled") return { check: 1, outcome: "failed", found: "it is there, but disabled" };
  const nearly = nearMisses.length === 0 ? "" : `; nearly: ${nearMisses.map(nearMissWords).join(", ")}`;
  return { check: 1, outcome: "failed", found: `there is none of that name${nearly}` };
}

function listCheck({ clients }: AuthorizationView, { isListed }: EntryView): CheckView {
  if (isListed) return { check: 2, outcome: "passed", found: "it is listed" };
  const others =
    clients.length === 0 ? "nobody is" : clients.length === 1 ? "1 other is" : `${clients.length} others are`;
  return { check: 2, outcome: "failed", found: `it is not listed; ${others}` };
}

function entryCheck(
  { scopeState }: AuthorizationView,
  { isListed, held, holdsScopeId }: EntryView,
): CheckView {
  if (!isListed) return { check: 3, outcome: "blocked", found: "it has no entry" };
  if (scopeState === "missing")
    return { check: 3, outcome: "blocked", found: "there is no such scope to hold" };
  if (holdsScopeId && scopeState === "enabled")
    return { check: 3, outcome: "passed", found: "it holds the scope's id" };
  if (holdsScopeId) {
    return {
      check: 3,
      outcome: "blocked",
      found: "it holds the scope's id, which counts once the scope is enabled",
    };
  }
  const others = [...held].map(([id, value]) =>
    value === null ? `${id}, the id of no scope there is` : value,
  );
  return {
    check: 3,
    outcome: "failed",
    found: others.length === 0 ? "it holds no scope" : `it holds ${others.join(" and ")}`,
  };
}
