// The expected decision, implemented from the contract a second time and independently of src: for each question, the
// raw JSON is searched again. Simple on purpose, without the optimizations of src.

/** How the agent registered, and the `api` part of its app registration as Graph's JSON has it. */
export interface World {
  readonly registration: "none" | "opted out" | "enforced";
  /** Of an agent identity: its blueprint's. `gone` if Graph has no such application. */
  readonly api: unknown;
  /** Graph's JSON for the agent's service principal, if the agent has no application of its own. */
  readonly principal?: unknown;
}

/** The contract's rows 3 to 10, in its order: the number of the first that applies. */
export function rowOf(world: World, client: string): 3 | 4 | 5 | "5a" | 6 | 7 | 8 | 9 | 10 {
  if (world.registration === "none") return 3;
  if (world.registration === "opted out") return 4;
  const { principal } = world;
  if (principal !== undefined) {
    if (member(principal, "@odata.type") !== "#microsoft.graph.agentIdentity") return 5;
    if ((member(principal, "agentIdentityBlueprintId") ?? null) === null) return 5;
  }
  if (world.api === "gone") return 5;
  if (principal !== undefined) {
    if (member(principal, "accountEnabled") === false) return "5a";
    const status = member(principal, "disabledByMicrosoftStatus") ?? null;
    if (status !== null && status !== "" && status !== "NotDisabled") return "5a";
  }

  let named = 0;
  let enabled = 0;
  for (const scope of list(world.api, "oauth2PermissionScopes")) {
    if (member(scope, "value") !== "access_as_client") continue;
    named++;
    if (member(scope, "isEnabled") === true) enabled++;
  }
  if (named === 0) return 6;
  if (enabled === 0) return 7;

  let mine = 0;
  for (const entry of list(world.api, "preAuthorizedApplications")) {
    if (same(member(entry, "appId"), client)) mine++;
  }
  if (mine === 0) return 8;
  return isAuthorized(world.api, client) ? 10 : 9;
}

/**
 * The contract's one sentence: some scope is enabled and has the value, and some entry has the client's id and lists
 * that scope's id.
 */
function isAuthorized(api: unknown, client: string): boolean {
  for (const scope of list(api, "oauth2PermissionScopes")) {
    for (const entry of list(api, "preAuthorizedApplications")) {
      for (const id of list(entry, "delegatedPermissionIds")) {
        if (
          member(scope, "isEnabled") === true &&
          member(scope, "value") === "access_as_client" &&
          same(member(entry, "appId"), client) &&
          same(member(scope, "id"), id)
        ) {
          return true;
        }
      }
    }
  }
  return false;
}

/** What a row answers. */
export const answers = {
  3: { code: "agent_not_registered", check: null },
  4: { code: "enforcement_disabled", check: null },
  5: { code: "agent_application_not_found", check: null },
  "5a": { code: "agent_identity_disabled", check: null },
  6: { code: "scope_not_exposed", check: 1 },
  7: { code: "scope_disabled", check: 1 },
  8: { code: "client_not_pre_authorized", check: 2 },
  9: { code: "scope_not_granted", check: 3 },
  10: { code: "pre_authorized", check: null },
} as const;

/** An own member of a JSON object, not an inherited one. */
function member(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

function list(value: unknown, name: string): unknown[] {
  const found = member(value, name);
  return Array.isArray(found) ? found : [];
}

/** Two ids are equal if both are ids and differ at most in letter case. */
function same(left: unknown, right: unknown): boolean {
  if (typeof left !== "string" || typeof right !== "string") return false;
  if (left.length !== 36 || right.length !== 36) return false;
  for (let at = 0; at < 36; at++) {
    const isDash = at === 8 || at === 13 || at === 18 || at === 23;
    const digit = "0123456789abcdef".indexOf(asciiLower(left.charAt(at)));
    const other = "0123456789abcdef".indexOf(asciiLower(right.charAt(at)));
    if (isDash ? left.charAt(at) !== "-" || right.charAt(at) !== "-" : digit < 0 || digit !== other)
      return false;
  }
  return true;
}

function asciiLower(letter: string): string {
  return letter >= "A" && letter <= "F" ? String.fromCharCode(letter.charCodeAt(0) + 32) : letter;
}
