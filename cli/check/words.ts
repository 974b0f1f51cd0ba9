import type { Basis, Check, DenialCode } from "../../src/domain/decision.ts";
import type { NearMiss } from "../../src/domain/near-miss.ts";
import { quoted } from "../terminal.ts";

/** What each of the three checks asks. */
export const questions = {
  1: "The agent exposes the scope access_as_client, enabled",
  2: "The client is among the agent's authorized client applications",
  3: "The client's entry holds the scope access_as_client",
} as const satisfies Record<Check, string>;

/** What each code means, to whoever looks at an agent. */
export const meanings = {
  pre_authorized: "Pre-authorized, with the scope access_as_client.",
  enforcement_disabled: "The agent opted out: any client may start sessions.",
  agent_not_registered: "The agent is not registered with LKPS.",
  agent_application_not_found: "Microsoft Entra ID has no app registration with the agent's client id.",
  scope_not_exposed: "The agent exposes no scope named exactly access_as_client.",
  scope_disabled: "The agent's scope access_as_client is disabled.",
  client_not_pre_authorized: "Not among the agent's authorized client applications.",
  scope_not_granted: "Listed, but without the scope access_as_client.",
} as const satisfies Record<Basis | DenialCode, string>;

const DIFFERENCES = {
  letter_case: "another letter case",
  whitespace: "white space in it",
  look_alike: "a letter that only looks alike",
  app_role: "an app role, which is something else than a scope",
} as const satisfies Record<NearMiss["reason"], string>;

/** A near miss in words: what is there, and what is wrong with it. */
export function nearMissWords({ value, reason }: NearMiss): string {
  return `${quoted(value)} (${DIFFERENCES[reason]})`;
}
