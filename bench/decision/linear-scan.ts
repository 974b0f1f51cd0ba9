import type { ApiApplication } from "../../src/domain/application.ts";
import { ACCESS_AS_CLIENT } from "../../src/domain/application.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { AGENT } from "../../tests/support/app-registration.ts";
import type { Code, Engine } from "./engine.ts";

interface Scope {
  readonly id: string;
  readonly value: string;
  readonly isEnabled: boolean;
}
interface Entry {
  readonly appId: string;
  readonly delegatedPermissionIds: readonly string[];
}
type Answer =
  | { readonly allowed: true; readonly permit: { agent: string; client: string; basis: "pre_authorized" } }
  | { readonly allowed: false; readonly code: Code; readonly check: number | null };

/** The simplest implementation: searches Graph's lists on each request. Expects them to be well-formed. */
export const linearScan: Engine<Answer> = {
  name: "linear scan",
  given: "Graph's JSON, searched on each decision",
  read: async (api) => (client) => decideByScan(api, client),
  meaning: (answer) => (answer.allowed ? answer.permit.basis : answer.code),
};

function decideByScan(api: ApiApplication | null, client: ClientId): Answer {
  if (api === null) return { allowed: false, code: "agent_application_not_found", check: null };
  let isExposed = false;
  let isEnabled = false;
  let isListed = false;
  for (const scope of api.oauth2PermissionScopes as readonly Scope[]) {
    if (scope.value !== ACCESS_AS_CLIENT) continue;
    isExposed = true;
    if (!scope.isEnabled) continue;
    isEnabled = true;
    for (const entry of api.preAuthorizedApplications as readonly Entry[]) {
      if (!isSame(entry.appId, client)) continue;
      isListed = true;
      for (const id of entry.delegatedPermissionIds) {
        if (isSame(id, scope.id)) {
          return { allowed: true, permit: { agent: AGENT, client, basis: "pre_authorized" } };
        }
      }
    }
  }
  if (!isExposed) return { allowed: false, code: "scope_not_exposed", check: 1 };
  if (!isEnabled) return { allowed: false, code: "scope_disabled", check: 1 };
  if (!isListed) return { allowed: false, code: "client_not_pre_authorized", check: 2 };
  return { allowed: false, code: "scope_not_granted", check: 3 };
}

/** Compares ids ignoring case. Most are equal as they are, which is faster to check. */
function isSame(one: string, other: string): boolean {
  return one === other || one.toLowerCase() === other.toLowerCase();
}
