// What LKPS costs a month: the table in docs/deploy.md. The arithmetic is the scale model's, docs/SCALE.md.

import { billRows, monthSeconds, sumOf } from "../scale/bill.ts";
import { defaultLoad } from "../scale/load.ts";
import { usageOf } from "../scale/model.ts";

/** The table of docs/deploy.md, as Markdown: 0, 1 million and 100 million starts, all else by default. */
export function costTable(): string {
  const costs = [0, 1e6, 100e6].map(
    (starts) => usageOf({ ...defaultLoad, startsPerSecond: starts / monthSeconds }).bill,
  );
  const line = (label: string, amounts: readonly number[]) =>
    `| ${label} | ${amounts.map((amount) => `$${amount.toFixed(2)}`).join(" | ")} |`;
  return [
    "| a month | 0 starts | 1 million | 100 million |",
    "|---|--:|--:|--:|",
    ...billRows.map(([label, part]) =>
      line(
        label,
        costs.map((cost) => cost[part]),
      ),
    ),
    line("**All**", costs.map(sumOf)),
  ].join("\n");
}
