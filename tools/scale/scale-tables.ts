import { billRows, monthSeconds, sumOf } from "./bill.ts";
import { limits, reachedAt } from "./limit-rows.ts";
import type { Load } from "./load.ts";
import { usageOf } from "./model.ts";

/** What a load takes, as two tables in Markdown: of each limit how much, and the bill. */
export function scaleTables(load: Load): string {
  return `${limitTable(load)}\n\n${billTable(load)}`;
}

function limitTable(load: Load): string {
  const usage = usageOf(load);
  const rows = limits.map((one) => {
    const [used, limit, at] = [one.used(usage, load), one.limit(load), reachedAt(one, load)];
    const share = `${round((used / limit) * 100)} %`;
    return [
      one.name,
      round(used),
      round(limit),
      share,
      at === undefined ? "–" : round(Number(at.toPrecision(2))),
    ];
  });
  return table(["limit", "this load", "of", "used", "reached at starts/s"], rows);
}

function billTable(load: Load): string {
  const { bill } = usageOf(load);
  const millions = (load.startsPerSecond * monthSeconds) / 1e6;
  const line = (label: string, dollars: number) => [
    label,
    `$${dollars.toFixed(2)}`,
    millions === 0 ? "–" : `$${(dollars / millions).toFixed(2)}`,
  ];
  const rows = billRows.map(([label, part]) => line(label, bill[part]));
  return table(["dollars", "a month", "a million starts"], [...rows, line("**All**", sumOf(bill))]);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const align = head.map((_, column) => (column === 0 ? "---" : "--:"));
  return [
    `| ${head.join(" | ")} |`,
    `|${align.join("|")}|`,
    ...rows.map((row) => `| ${row.join(" | ")} |`),
  ].join("\n");
}

/** To three digits, whole numbers whole. */
function round(value: number): string {
  return value.toLocaleString(
    "en-US",
    value >= 100 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 },
  );
}
