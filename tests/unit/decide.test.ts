import { expect, test } from "vitest";
import { indexApplication, mapApplication } from "../../src/domain/application.ts";
import type { ClientId } from "../../src/domain/client-id.ts";
import { decide, type Facts } from "../../src/domain/decision.ts";
import { AGENT, CLIENT } from "../support/app-registration.ts";
import { type DecisionRow, decisionTable, identityOf } from "../support/decision-table.ts";

function factsOf(row: DecisionRow): Facts {
  if (row.registered === "no") return { registration: "none" };
  if (row.registered === "opted out") return { registration: "enforcement_disabled" };
  const identity = mapApplication(identityOf(row), ({ api }) => indexApplication(api));
  return { registration: "enforced", identity };
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
