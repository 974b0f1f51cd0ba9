import type { Bench, Comparison } from "./bench-types.ts";
import { warmCase } from "./decision/decision-rate.ts";
import { disagreements } from "./decision/disagreements.ts";
import { engines } from "./decision/engines.ts";
import { generatedSituations } from "./decision/generated-situations.ts";
import { withNewIds } from "./decision/new-ids.ts";
import { preparationTable } from "./decision/preparation-table.ts";
import { codes, situation } from "./decision/situations.ts";
import { alternately, type Measured } from "./measure/alternately.ts";
import { compare, type Goal, median } from "./measure/statistics.ts";
import { columns, short } from "./report/table.ts";

const FULL = { sizes: [1, 10, 100, 1_000], rounds: 41, warmUpMs: 50, roundMs: 3, generated: 500 };
const SHORT = { sizes: [1, 1_000], rounds: 3, warmUpMs: 3, roundMs: 0.3, generated: 100 };

/** How many times as fast LKPS must be as another engine, for a number of clients. The others have no goal. */
const BESIDE: readonly { name: string; n: number; goal?: Goal }[] = [
  { name: "linear scan", n: 1, goal: { atLeast: 1 } },
  { name: "CASL", n: 1_000, goal: { atLeast: 10 } },
  { name: "CASL, id as type", n: 1_000 },
  { name: "casbin", n: 1_000, goal: { atLeast: 100 } },
  { name: "Cedar", n: 1_000, goal: { atLeast: 100 } },
];

/** Client ids that were never looked up before, as in the first decision of a request. */
const NEW_IDS = "pre_authorized, new ids";

/** Measures decisions per second of each engine, with the same inputs and the same answers. */
export const decision: Bench = {
  name: "decision",
  async run({ isShort, progress }) {
    const { sizes, rounds, generated, ...durations } = isShort ? SHORT : FULL;
    progress("comparing the answers of all engines");
    const situations = sizes.flatMap((n) => codes.map((code) => ({ n, ...situation(code, n) })));
    const wrong = await disagreements(engines, [...situations, ...generatedSituations(generated)]);
    if (wrong.length > 0) throw new Error(wrong.slice(0, 20).join("\n"));

    // Before any measurement, so that V8 has compiled every engine's code.
    progress("warming up");
    const cases = [];
    for (const one of situations) {
      const sides: Record<string, Measured> = {};
      for (const engine of engines) sides[engine.name] = await warmCase(engine, one, durations);
      cases.push({ ...one, sides });
    }
    const comparisons: Comparison[] = [];
    const rows = [["n", "situation", ...engines.map(({ name }) => name)]];
    const note = (n: number, what: string, figures: Record<string, number[]>) => {
      rows.push([String(n), what, ...engines.map(({ name }) => short(median(figures[name] ?? [])))]);
      comparisons.push(...comparisonsOf(n, what, figures));
    };
    for (const { n, code, sides } of cases) {
      progress(`${code}, n = ${n}`);
      note(n, code, await alternately(sides, rounds));
    }
    for (const n of sizes) {
      progress(`${NEW_IDS}, n = ${n}`);
      note(n, NEW_IDS, await withNewIds(situation("pre_authorized", n), rounds));
    }
    const given = engines.map(({ name, given }) => `- ${name}: ${given}.`).join("\n");
    return {
      comparisons,
      notes: [
        `Decisions per second:\n\n${columns(rows)}`,
        `How each engine represents an app registration, prepared once per read. All gave the same answers in ${situations.length} situations and for ${generated} generated app registrations:\n\n${given}`,
        `Time to prepare an app registration, once per read:\n\n${await preparationTable(sizes, rounds)}`,
      ],
    };
  },
};

function comparisonsOf(n: number, what: string, figures: Record<string, number[]>): Comparison[] {
  return BESIDE.filter((beside) => beside.n === n).map(({ name, goal }) =>
    compare(
      { what: `${what}, n = ${n}`, beside: name, unit: "1/s" },
      figures["LKPS"] ?? [],
      figures[name] ?? [],
      goal,
    ),
  );
}
