import { createHash } from "node:crypto";
import { ACCESS_AS_CLIENT } from "../../src/domain/application.ts";
import { type AuthorizationView, grantRepair } from "../../src/domain/authorization-view.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import type { Check } from "../../src/domain/decision.ts";
import { addScope, authorizeClient, enableScope } from "./az-command.ts";
import type { ClientEntry } from "./client-entry.ts";

/** One thing that the agent's owner has to fix. */
export interface Repair {
  /** The check that it fixes; `null` if it comes before the checks, such as the registration. */
  readonly check: Check | null;
  readonly sentence: string;
  /** The command that does it; `null` if there is none. */
  readonly command: string | null;
}

/** Whether an entry lists the id of a scope that does not exist. */
export function isStale({ scopes }: ClientEntry): boolean {
  return [...scopes.values()].includes(null);
}

/** How the agent's owner fixes the scope; `null` if it is fine. */
export function scopeRepair(agent: ClientId, view: AuthorizationView, isFound: boolean): Repair | null {
  if (isFound && view.scopeState === "enabled") return null;
  // The service's first repair is about the scope or the app registration.
  const sentence = view.repairs[0] ?? "";
  if (!isFound) return { check: null, sentence, command: null };
  const command =
    view.scopeState === "disabled" ? enableScope(agent) : addScope(agent, scopeIdFor(agent, view));
  return { check: 1, sentence, command };
}

/** How the agent's owner fixes one client's entry; `null` if it is fine. It is assumed that the scope gets fixed too. */
export function clientRepair(
  agent: ClientId,
  client: ClientId,
  view: AuthorizationView,
  entry: ClientEntry,
): Repair | null {
  if (entry.includesScope) return null;
  const keptIds = [...entry.scopes].flatMap(([id, value]) => (value === null ? [] : [id]));
  const command = authorizeClient(agent, client, [...keptIds, scopeIdFor(agent, view)]);
  if (!entry.isListed) {
    const sentence = `Add ${client} under Expose an API, Authorized client applications, with access_as_client selected.`;
    return { check: 2, sentence, command };
  }
  return { check: 3, sentence: grantRepair(client, isStale(entry)), command };
}

/** The scope's id, or the id to create it with: always the same for an agent, so that commands can be reused. */
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
