import { expect, test } from "vitest";
import { disagreements } from "../../bench/decision/disagreements.ts";
import type { Engine } from "../../bench/decision/engine.ts";
import { engines } from "../../bench/decision/engines.ts";
import { generatedSituations } from "../../bench/decision/generated.ts";
import { linearScan } from "../../bench/decision/linear-scan.ts";
import { codes, situation } from "../../bench/decision/situations.ts";

const generated = generatedSituations(100);

test.each(engines)(
  "$name answers as the contract says, whatever the situation and the clients",
  async (engine) => {
    const situations = [1, 2, 100].flatMap((n) => codes.map((code) => situation(code, n)));
    expect(await disagreements([engine], [...situations, ...generated])).toEqual([]);
  },
);

test("the generated applications end in every decision that there is on an application", () => {
  const there = codes.filter((code) => code !== "agent_application_not_found");
  expect(new Set(generated.map(({ code }) => code))).toEqual(new Set(there));
});

test.each<[string, Partial<Engine>]>([
  ["lets everybody in", { meaning: () => true }],
  ["lets nobody in", { meaning: () => false }],
  ["denies for another reason", { meaning: () => "scope_not_granted" }],
])("an engine that %s is found out", async (_, defect) => {
  const engine: Engine = { ...linearScan, ...defect };
  expect(await disagreements([engine], generated)).not.toEqual([]);
});
