import type { EntraIdentity } from "./application.ts";
import type { ClientId } from "./client-id.ts";
import type { DenialCode } from "./decision.ts";
import type { NearMiss } from "./near-miss.ts";
import {
  APP_REGISTRATION,
  grantRemediation,
  type Place,
  placeOf,
  remediationSentence,
  remediations,
} from "./remediation-catalogue.ts";

/** A scope's state and the values that are almost its name. */
interface ScopeView {
  readonly scopeState: "enabled" | "disabled" | "missing";
  readonly nearMisses: readonly NearMiss[];
}

/** Everything that the owner has to fix, in the order to fix it; for an agent identity also where its list is. */
export function repairsOf(
  identity: EntraIdentity<unknown> | null,
  scope: ScopeView,
  clients: readonly { readonly remediation: string | null }[],
): string[] {
  const place = placeOf(identity);
  const ofIdentity = identityRemediations(identity);
  if (!identity?.application) return ofIdentity;
  const first = [...ofIdentity, ...scopeRemediations(place, scope)];
  return [
    ...first,
    ...(first.length === 0 ? clientRemediations(place, clients) : []),
    ...(identity.kind === "application" ? [] : [sharedList(place)]),
  ];
}

/** How to fix the identity itself, which comes before the three checks. */
export function identityRemediations(identity: EntraIdentity<unknown> | null): string[] {
  if (identity === null) {
    return [
      `Microsoft Entra ID has no app registration or agent identity with this client id: ${remediations.agent_application_not_found(APP_REGISTRATION, "")}.`,
    ];
  }
  if (identity.kind === "application") return [];
  const { application, blueprint, disabledBy } = identity;
  return [
    ...(blueprint === null
      ? ["The agent identity has no blueprint to list clients on: create it again from a blueprint."]
      : []),
    ...(blueprint !== null && application === null
      ? [
          `The tenant of LKPS has no blueprint ${blueprint}, which this agent identity names: restore it if it was deleted, or create the agent from a blueprint in that tenant.`,
        ]
      : []),
    ...(disabledBy.includes("microsoft")
      ? [
          "Microsoft has disabled the agent identity or its blueprint: ask an admin to open a support request with Microsoft.",
        ]
      : []),
    ...(disabledBy.includes("tenant")
      ? [
          `The agent identity is disabled: ${remediations.agent_identity_disabled(APP_REGISTRATION, "")}, or ask an admin to.`,
        ]
      : []),
  ];
}

/** How to fix the scope; empty if it is enabled. */
export function scopeRemediations(place: Place, { scopeState, nearMisses }: ScopeView): string[] {
  const { scopes } = place;
  if (scopeState === "disabled") return [remediationSentence("scope_disabled", place)];
  if (scopeState === "enabled") return [];
  const [miss] = nearMisses;
  if (miss === undefined) return [remediationSentence("scope_not_exposed", place)];
  if (miss.reason === "app_role") {
    return [`Add a scope named access_as_client ${scopes}: "${miss.value}" is an app role, not a scope.`];
  }
  const differences = {
    letter_case: "has a different letter case",
    whitespace: "contains white space or an invisible character",
    look_alike: "contains a letter that only looks the same",
  };
  return [
    `Add a scope named exactly access_as_client ${scopes}: "${miss.value}" ${differences[miss.reason]}.`,
  ];
}

function clientRemediations(
  place: Place,
  clients: readonly { readonly remediation: string | null }[],
): string[] {
  if (clients.length === 0) return [`Add the client applications that may connect ${place.clients}.`];
  return clients.flatMap(({ remediation }) => (remediation === null ? [] : [remediation]));
}

function sharedList({ clients }: Place): string {
  return `To change who may connect, edit the clients ${clients}. The list counts for all agents of that blueprint.`;
}

/** How to let one listed client start sessions. */
export function clientRemediation(
  place: Place,
  code: DenialCode,
  client: ClientId,
  holdsUnknown: boolean,
): string {
  if (code === "agent_identity_disabled") return "Enable the agent identity first: see repairs.";
  if (code !== "scope_not_granted") return "Fix the scope first: see repairs.";
  return grantRemediation(place, client, holdsUnknown);
}
