import type { EntraIdentity } from "../../src/domain/application.ts";
import type { AuthorizationView } from "../../src/domain/authorization-view.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import type { Check } from "../../src/domain/decision.ts";
import * as domain from "../../src/domain/remediation.ts";
import { grantRemediation, placeOf, remediationSentence } from "../../src/domain/remediation-catalogue.ts";
import { addScope, authorizeClient, enableScope } from "./az-command.ts";
import type { ClientEntry } from "./client-entry.ts";
import type { ListedOn } from "./portal.ts";

/** One thing that the agent's owner has to fix. */
export interface Remediation {
  /** The check that it fixes; `null` if it comes before the checks, such as the registration. */
  readonly check: Check | null;
  readonly sentence: string;
  /** The command that does it; `null` if there is none. */
  readonly command: string | null;
}

type Identity = EntraIdentity<unknown> | null;
/** What a remediation needs to know of the scope. */
type ScopeView = Pick<AuthorizationView, "scopeState" | "delegatedPermissionId" | "nearMisses">;

/** How the agent's owner fixes the identity itself, which comes before the checks. */
export function identityRemediations(identity: Identity): Remediation[] {
  return domain.identityRemediations(identity).map((sentence) => ({ check: null, sentence, command: null }));
}

/** How the agent's owner fixes the scope; `null` if it is fine, or if there is no application to add it to. */
export function scopeRemediation(list: ListedOn, identity: Identity, view: ScopeView): Remediation | null {
  const [sentence] = identity?.application ? domain.scopeRemediations(placeOf(identity), view) : [];
  if (sentence === undefined) return null;
  const command =
    view.scopeState === "disabled" ? enableScope(list) : addScope(list, scopeIdFor(list.clientId, view));
  return { check: 1, sentence, command };
}

/** How the agent's owner fixes one client's entry; `null` if it is fine. Assumes that the scope gets fixed too. */
export function clientRemediation(
  list: ListedOn,
  client: ClientId,
  identity: Identity,
  view: ScopeView,
  entry: ClientEntry,
): Remediation | null {
  if (!identity?.application || entry.includesScope) return null;
  const place = placeOf(identity);
  const keptIds = [...entry.scopes].flatMap(([id, value]) => (value === null ? [] : [id]));
  const command = authorizeClient(list, client, [...keptIds, scopeIdFor(list.clientId, view)]);
  if (!entry.isListed) {
    return { check: 2, sentence: remediationSentence("client_not_pre_authorized", place, client), command };
  }
  const isStale = [...entry.scopes.values()].includes(null);
  return { check: 3, sentence: grantRemediation(place, client, isStale), command };
}

/**
 * The scope's id, or the id to create it with: always the same for an application, so that commands can be reused. It has to
 * be unique within the application only, so it is the client id backwards, as a UUID of version 8.
 */
function scopeIdFor(clientId: ClientId, view: ScopeView): string {
  if (view.scopeState !== "missing" && view.delegatedPermissionId !== null) return view.delegatedPermissionId;
  const digits = [...clientId.replaceAll("-", "")].reverse();
  digits[12] = "8";
  digits[16] = "8";
  const group = (start: number, end: number) => digits.slice(start, end).join("");
  return [group(0, 8), group(8, 12), group(12, 16), group(16, 20), group(20, 32)].join("-");
}
