import { createHash } from "node:crypto";
import { ACCESS_AS_CLIENT } from "../../src/domain/application.ts";
import type { AuthorizationView } from "../../src/domain/authorization-view.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import type { Check } from "../../src/domain/decision.ts";
import { addScope, authorizeClient, enableScope } from "./az-line.ts";
import type { EntryView } from "./entry.ts";

/** One thing for the agent's owner to do. */
export interface Repair {
  /** The check that it mends; `null` where there is no app registration to check. */
  readonly check: Check | null;
  readonly sentence: string;
  /** The same in a shell; `null` where there is no command for it. */
  readonly command: string | null;
}

/** Why an entry that holds something may hold nothing of use. */
export const STALE_ENTRY = "The entry lists the id of a scope that is not there (any more).";

/** What an agent's owner must do about the scope, if anything. */
export function scopeRepair(agent: ClientId, view: AuthorizationView, isFound: boolean): Repair | null {
  if (isFound && view.scopeState === "enabled") return null;
  // What the service says first is about the scope, or about there being no app registration.
  const sentence = view.repairs[0] ?? "";
  if (!isFound) return { check: null, sentence, command: null };
  const command =
    view.scopeState === "disabled" ? enableScope(agent) : addScope(agent, scopeIdFor(agent, view));
  return { check: 1, sentence, command };
}

/** What an agent's owner must do about one client, if anything; a scope that is to be added counts as added. */
export function clientRepair(
  agent: ClientId,
  client: ClientId,
  view: AuthorizationView,
  entry: EntryView,
): Repair | null {
  if (entry.holdsScopeId) return null;
  const kept = [...entry.held].flatMap(([id, value]) => (value === null ? [] : [id]));
  const ids = [...kept, scopeIdFor(agent, view)];
  const command = authorizeClient(agent, client, ids);
  if (!entry.isListed) {
    const sentence = `Add ${client} under Expose an API, Authorized client applications, with access_as_client ticked.`;
    return { check: 2, sentence, command };
  }
  const tick = `Tick access_as_client in the entry of ${client} under Expose an API, Authorized client applications.`;
  const isStale = [...entry.held.values()].includes(null);
  return { check: 3, sentence: isStale ? `${tick} ${STALE_ENTRY}` : tick, command };
}

/** The scope's id, or the one that it gets: always the same for an agent, so that commands can be written down. */
function scopeIdFor(agent: ClientId, view: AuthorizationView): string {
  if (view.scopeState !== "missing" && view.delegatedPermissionId !== null) return view.delegatedPermissionId;
  const digest = createHash("sha256").update(`${ACCESS_AS_CLIENT} of ${agent}`).digest("hex");
  const parts = [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `8${digest.slice(13, 16)}`,
    `8${digest.slice(17, 20)}`,
  ];
  return [...parts, digest.slice(20, 32)].join("-");
}
