import { expect, test } from "vitest";
import { agentIdentityOf } from "../../src/adapters/graph/graph-response.ts";
import { type ApiApplication, type EntraIdentity, indexApplication } from "../../src/domain/application.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { type Decision, decide, type Facts } from "../../src/domain/decision.ts";
import {
  AGENT,
  BLUEPRINT,
  CLIENT,
  OTHER_CLIENT,
  OTHER_SCOPE_ID,
  SCOPE_ID,
} from "../support/app-registration.ts";
import { answers, rowOf, type World } from "../support/decision-oracle.ts";

const APP_ROLE_ID = "a9901e00-0000-4000-8000-00000000000f";
const CLIENTS = [CLIENT, OTHER_CLIENT] as ClientId[];

const scopes = every([
  ["value", ["access_as_client", "Access_As_Client", "user_impersonation"]],
  ["isEnabled", [true, false, undefined]],
  ["id", [SCOPE_ID, OTHER_SCOPE_ID.toUpperCase(), null, APP_ROLE_ID]],
]);
const entries = every([
  ["appId", [CLIENT, CLIENT.toUpperCase(), OTHER_CLIENT, null]],
  [
    "delegatedPermissionIds",
    [[], [SCOPE_ID], [OTHER_SCOPE_ID], [SCOPE_ID.toUpperCase()], [APP_ROLE_ID], [null, OTHER_SCOPE_ID], null],
  ],
]);

const principals = every([
  [
    "@odata.type",
    ["#microsoft.graph.agentIdentity", "#microsoft.graph.agentIdentityBlueprintPrincipal", undefined],
  ],
  ["accountEnabled", [true, false]],
  [
    "disabledByMicrosoftStatus",
    [undefined, null, "", "NotDisabled", "DisabledDueToViolationOfServicesAgreement"],
  ],
  ["agentIdentityBlueprintId", [BLUEPRINT, BLUEPRINT.toUpperCase(), null, undefined]],
  // An agent identity has no list of its own. If a response had one, it would not count.
  ["api", [undefined, { oauth2PermissionScopes: [scopes[0]], preAuthorizedApplications: [entries[1]] }]],
]);

/** One object for each way to choose a value for each name; as JSON has it, what is undefined is not there. */
function every(members: [string, unknown[]][]): unknown[] {
  return members.reduce<Record<string, unknown>[]>(
    (all, [name, values]) =>
      all.flatMap((one) => values.map((value) => (value === undefined ? one : { ...one, [name]: value }))),
    [{}],
  );
}

/** Every list of at most two of them, in each order. */
function listsOf(items: unknown[]): unknown[][] {
  return [[], ...items.map((one) => [one]), ...items.flatMap((one) => items.map((other) => [one, other]))];
}

test("decides as the contract says in every small world", () => {
  const differences: unknown[] = [];
  const counts = new Map<ReturnType<typeof rowOf>, number>();
  let worlds = 0;

  const compare = (world: World, facts: Facts) => {
    worlds++;
    for (const client of CLIENTS) {
      const row = rowOf(world, client);
      counts.set(row, (counts.get(row) ?? 0) + 1);
      const decision = decide(AGENT as ClientId, client, facts);
      if (!isRight(decision, client, row) && differences.length < 5) {
        differences.push({ world, client, decision, row });
      }
    }
  };
  // Facts of these kinds hold no application: one world of each is every one there is.
  compare({ registration: "none", api: "gone" }, { registration: "none" });
  compare({ registration: "opted out", api: "gone" }, { registration: "enforcement_disabled" });
  compare({ registration: "enforced", api: "gone" }, { registration: "enforced", identity: null });
  for (const oauth2PermissionScopes of listsOf(scopes)) {
    for (const preAuthorizedApplications of listsOf(entries)) {
      const api: ApiApplication = { oauth2PermissionScopes, preAuthorizedApplications };
      compare(
        { registration: "enforced", api },
        { registration: "enforced", identity: { kind: "application", application: indexApplication(api) } },
      );
    }
  }
  for (const principal of principals) {
    for (const api of ["gone" as const, null, ...apisOfOne]) {
      const identity = identityOf(principal, api);
      compare({ registration: "enforced", principal, api }, { registration: "enforced", identity });
    }
  }

  const rows = [...counts];
  const decisions = rows.reduce((sum, [, count]) => sum + count, 0);
  console.log(`${worlds} worlds, ${decisions} decisions, by row ${JSON.stringify(Object.fromEntries(rows))}`);
  expect(differences).toEqual([]);
  expect(decisions).toBeGreaterThan(1_000_000);
  expect(new Set(counts.keys())).toEqual(new Set([3, 4, 5, "5a", 6, 7, 8, 9, 10]));
});

/** Every list of clients with at most one scope and one entry. */
const apisOfOne: ApiApplication[] = [[], ...scopes.map((one) => [one])].flatMap((oauth2PermissionScopes) =>
  [[], ...entries.map((one) => [one])].map((preAuthorizedApplications) => ({
    oauth2PermissionScopes,
    preAuthorizedApplications,
  })),
);

/** The identity that the service reads: the blueprint's application is asked for only where it is named. */
function identityOf(principal: unknown, api: ApiApplication | null | "gone"): EntraIdentity | null {
  const identity = agentIdentityOf(principal);
  if (identity === null) return null;
  const isFound = identity.blueprint === BLUEPRINT && api !== "gone";
  return { ...identity, application: isFound ? indexApplication(api) : null };
}

function isRight(decision: Decision, client: ClientId, row: ReturnType<typeof rowOf>): boolean {
  const { code, check } = answers[row];
  if (!decision.allowed) return decision.code === code && decision.check === check;
  const { permit } = decision;
  return permit.basis === code && permit.client === client && permit.agent === AGENT;
}
