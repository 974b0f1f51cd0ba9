import type { Application } from "./application.ts";
import type { ClientId } from "./client-id.ts";

/** Why a client may start a session. */
export type Basis = "enforcement_disabled" | "pre_authorized";

/** Every denial, in the order in which they are looked for. */
export const denialCodes = [
  "agent_not_registered",
  "agent_application_not_found",
  "scope_not_exposed",
  "scope_disabled",
  "client_not_pre_authorized",
  "scope_not_granted",
] as const;

/** Why a client may not. Closed: whoever maps it (to a status, to words) does so exhaustively. */
export type DenialCode = (typeof denialCodes)[number];

/** Which of the three checks a denial failed: 1 the scope, 2 the client's entry, 3 the scope's id in it. */
export type Check = 1 | 2 | 3;

// Not exported: outside this file no code can name the member, so none can build a Permit.
declare const onlyDecideMakesThis: unique symbol;

/**
 * The right of one client to start sessions with one agent. Only {@link decide} makes one, and the issuer of
 * sessions takes nothing else: code that skips the decision does not compile.
 */
export interface Permit {
  readonly agent: ClientId;
  readonly client: ClientId;
  readonly basis: Basis;
  readonly [onlyDecideMakesThis]: true;
}

/** The answer to "may this client start a session with this agent?". */
export type Decision =
  | { readonly allowed: true; readonly permit: Permit }
  | { readonly allowed: false; readonly code: DenialCode; readonly check: Check | null };

/** What the decision rests on. An application is part of it only where enforcement asks for one. */
export type Facts =
  | { readonly registration: "none" }
  | { readonly registration: "enforcement_disabled" }
  | {
      readonly registration: "enforced";
      /** As read from Microsoft Graph; `null` if Graph knows no such application. */
      readonly application: Application | null;
    };

// A denial names nobody: one of each does for all, and none is made for each of the many who ask in vain.
const DENIALS = {
  agent_not_registered: denial("agent_not_registered", null),
  agent_application_not_found: denial("agent_application_not_found", null),
  scope_not_exposed: denial("scope_not_exposed", 1),
  scope_disabled: denial("scope_disabled", 1),
  client_not_pre_authorized: denial("client_not_pre_authorized", 2),
  scope_not_granted: denial("scope_not_granted", 3),
} satisfies Record<DenialCode, Decision>;

/**
 * Decides whether `client` may start sessions with `agent`: if and only if the agent opted out of enforcement,
 * or some enabled scope of its app registration has the value `access_as_client` and some entry of its
 * `preAuthorizedApplications` is the client's and lists that scope's id. Pure and total; the first check that
 * fails names the denial.
 *
 * @see https://learn.microsoft.com/graph/api/resources/preauthorizedapplication
 */
export function decide(agent: ClientId, client: ClientId, facts: Facts): Decision {
  switch (facts.registration) {
    case "none":
      return DENIALS.agent_not_registered;
    case "enforcement_disabled":
      return allow(agent, client, "enforcement_disabled");
    case "enforced":
      return decideOn(agent, client, facts.application);
  }
}

function decideOn(agent: ClientId, client: ClientId, application: Application | null): Decision {
  if (application === null) return DENIALS.agent_application_not_found;
  if (application.scopeState === "missing") return DENIALS.scope_not_exposed;
  if (application.scopeState === "disabled") return DENIALS.scope_disabled;
  const holdsScope = application.preAuthorized.get(client);
  if (holdsScope === undefined) return DENIALS.client_not_pre_authorized;
  if (!holdsScope) return DENIALS.scope_not_granted;
  return allow(agent, client, "pre_authorized");
}

function allow(agent: ClientId, client: ClientId, basis: Basis): Decision {
  return { allowed: true, permit: { agent, client, basis } as Permit };
}

/** Frozen: whoever changed it would change it for everybody. */
function denial(code: DenialCode, check: Check | null): Decision {
  return Object.freeze({ allowed: false, code, check });
}
