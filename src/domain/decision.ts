import type { EntraIdentity } from "./application.ts";
import type { ClientId } from "./client-id.ts";

/** Why a client may start a session. */
export type Basis = "enforcement_disabled" | "pre_authorized";

/** The check that failed: 1 the scope, 2 the client's entry, 3 the scope's id in that entry. */
export type Check = 1 | 2 | 3;

/** The check that each denial code stands for, in the order in which the decision checks for them. */
export const checkOf = {
  agent_not_registered: null,
  agent_application_not_found: null,
  agent_identity_disabled: null,
  scope_not_exposed: 1,
  scope_disabled: 1,
  client_not_pre_authorized: 2,
  scope_not_granted: 3,
} as const satisfies Record<string, Check | null>;

/** Why a client may not start a session. This union is closed: handle it exhaustively. */
export type DenialCode = keyof typeof checkOf;

/** All denial codes, in the order of {@link checkOf}. */
export const denialCodes = Object.keys(checkOf) as readonly DenialCode[];

// Not exported, so no code outside this file can create a Permit.
declare const onlyDecideMakesThis: unique symbol;

/**
 * The right of a client to start sessions with an agent. Only {@link decide} creates one, and the session
 * issuer requires one: code that skips the decision does not compile.
 */
export interface Permit {
  readonly agent: ClientId;
  readonly client: ClientId;
  readonly basis: Basis;
  readonly [onlyDecideMakesThis]: true;
}

/** Whether a client may start sessions with an agent. */
export type Decision =
  | { readonly allowed: true; readonly permit: Permit }
  | { readonly allowed: false; readonly code: DenialCode; readonly check: Check | null };

/** The code of a decision: its basis, or why the client was denied. */
export function codeOf(decision: Decision): Basis | DenialCode {
  return decision.allowed ? decision.permit.basis : decision.code;
}

/** The facts that a decision is based on. They include the agent's identity only if enforcement is on. */
export type Facts =
  | { readonly registration: "none" }
  | { readonly registration: "enforcement_disabled" }
  | {
      readonly registration: "enforced";
      /** `null` if Graph has neither an application nor an agent identity with the agent's id. */
      readonly identity: EntraIdentity | null;
    };

/**
 * Decides whether `client` may start sessions with `agent`. It may if and only if the agent opted out of
 * enforcement, or its identity is not disabled, an enabled scope of its application has the value
 * `access_as_client`, and an entry of the client in `preAuthorizedApplications` lists that scope's id. Pure; never
 * throws. The first failed check determines the denial code.
 *
 * @see https://learn.microsoft.com/graph/api/resources/preauthorizedapplication
 */
export function decide(agent: ClientId, client: ClientId, facts: Facts): Decision {
  switch (facts.registration) {
    case "none":
      return deny("agent_not_registered");
    case "enforcement_disabled":
      return allow(agent, client, "enforcement_disabled");
    case "enforced":
      return decideOn(agent, client, facts.identity);
  }
}

function decideOn(agent: ClientId, client: ClientId, identity: EntraIdentity | null): Decision {
  if (!identity?.application) return deny("agent_application_not_found");
  if (identity.kind === "agent_identity" && identity.disabledBy.length > 0) {
    return deny("agent_identity_disabled");
  }
  const { scopeState, preAuthorized } = identity.application;
  if (scopeState === "missing") return deny("scope_not_exposed");
  if (scopeState === "disabled") return deny("scope_disabled");
  const holdsScope = preAuthorized.get(client);
  if (holdsScope === undefined) return deny("client_not_pre_authorized");
  if (!holdsScope) return deny("scope_not_granted");
  return allow(agent, client, "pre_authorized");
}

function allow(agent: ClientId, client: ClientId, basis: Basis): Decision {
  return { allowed: true, permit: { agent, client, basis } as Permit };
}

/** Frozen: nothing may turn a denial into a permission. */
function deny(code: DenialCode): Decision {
  return Object.freeze({ allowed: false, code, check: checkOf[code] });
}
