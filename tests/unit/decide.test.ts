import { expect, test } from "vitest";
import { agentIdentityOf } from "../../src/adapters/graph/graph-shapes.ts";
import { type ApiApplication, indexApplication } from "../../src/domain/application.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { decide, type Facts } from "../../src/domain/decision.ts";
import { AGENT, CLIENT } from "../support/app-registration.ts";
import { type DecisionRow, decisionTable } from "../support/decision-table.ts";

function factsOf(row: DecisionRow): Facts {
  if (row.registered === "no") return { registration: "none" };
  if (row.registered === "opted out") return { registration: "enforcement_disabled" };
  // As it comes over the wire: what JSON leaves out is not there.
  const { principal, api } = JSON.parse(JSON.stringify(row)) as DecisionRow;
  const application = api === "gone" ? null : indexApplication(api as ApiApplication | null);
  if (principal === undefined) {
    return { registration: "enforced", identity: application && { kind: "application", application } };
  }
  const identity = agentIdentityOf(principal);
  const isNamed = typeof identity?.blueprint === "string";
  return {
    registration: "enforced",
    identity: identity && { ...identity, application: isNamed ? application : null },
  };
}

test.each(decisionTable)("row $row, $situation: $code", (row) => {
  const decision = decide(AGENT as ClientId, CLIENT as ClientId, factsOf(row));
  expect(decision).toEqual(
    row.status === 200
      ? { allowed: true, permit: { agent: AGENT, client: CLIENT, basis: row.code } }
      : { allowed: false, code: row.code, check: row.check ?? null },
  );
});

test("the table has every row that a decision can end in", () => {
  expect(new Set(decisionTable.map(({ row }) => row))).toEqual(new Set([3, 4, 5, "5a", 6, 7, 8, 9, 10]));
});

test("a denial cannot be changed", () => {
  const denial = decide(AGENT as ClientId, CLIENT as ClientId, { registration: "none" });
  expect(() => Object.assign(denial, { allowed: true })).toThrow(TypeError);
});
