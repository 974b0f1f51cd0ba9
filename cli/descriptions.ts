import type { Basis, Check, DenialCode } from "../src/domain/decision.ts";
import type { NearMissReason } from "../src/domain/near-miss.ts";

/** What each of the three checks requires. */
export const checkDescriptions = {
  1: "The agent exposes the scope access_as_client, and the scope is enabled",
  2: "The client is pre-authorized for the agent",
  3: "The client's entry includes the scope access_as_client",
} as const satisfies Record<Check, string>;

/** What the code of a decision means. */
export const codeDescriptions = {
  pre_authorized: "The client is pre-authorized, with the scope access_as_client.",
  enforcement_disabled: "The agent opted out of enforcement: any client may start sessions.",
  agent_not_registered: "The agent is not registered with LKPS.",
  agent_application_not_found:
    "Microsoft Entra ID has no app registration or agent identity with the agent's client id, or no blueprint for its agent identity.",
  agent_identity_disabled: "The agent's identity is disabled in Microsoft Entra ID.",
  scope_not_exposed: "The agent does not expose a scope named exactly access_as_client.",
  scope_disabled: "The agent's scope access_as_client is disabled.",
  client_not_pre_authorized: "The client is not pre-authorized for the agent.",
  scope_not_granted: "The client is pre-authorized, but without the scope access_as_client.",
} as const satisfies Record<Basis | DenialCode, string>;

/** Describes a code that LKPS sent; one that this version does not know stands for itself. */
export function describeCode(code: string): string {
  return (codeDescriptions as Readonly<Record<string, string>>)[code] ?? code;
}

const STATES: Readonly<Record<string, string>> = {
  issued: "Nobody has joined yet",
  waiting: "Waiting until both the client and the agent are in the room",
  active: "Client and agent are in the room",
  unused: "Nobody joined in time",
  left: "Ended: everyone left",
  authorization_withdrawn: "Ended: the client is no longer allowed",
  ended_by_owner: "Ended by the agent's owner",
  duration_limit: "Ended: it reached max_session_minutes",
};

/** Describes what has become of a session. */
export function describeState({
  state,
  end_reason: reason,
}: {
  state: string;
  end_reason: string | null;
}): string {
  return STATES[reason ?? state] ?? reason ?? state;
}

const NEAR_MISS_REASONS = {
  letter_case: "different letter case",
  whitespace: "contains white space or an invisible character",
  look_alike: "contains a letter that only looks the same",
  app_role: "an app role, not a scope",
} as const satisfies Record<NearMissReason, string>;

/** Describes a value that is nearly the scope's name, and how it differs. */
export function describeNearMiss({ value, reason }: { value: string; reason: string }): string {
  return `"${value}" (${(NEAR_MISS_REASONS as Readonly<Record<string, string>>)[reason] ?? reason})`;
}
