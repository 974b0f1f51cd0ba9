import type { Comparison } from "../bench-types.ts";

/** Formats comparisons as a Markdown table with aligned columns. */
export function tableOf(comparisons: readonly Comparison[]): string {
  return columns([
    ["bench", "what", "", "beside", "", "ratio (quartiles)", "goal", ""],
    ...comparisons.map(({ bench, what, beside, figure, besideFigure, ratio, spread, goal }) => [
      bench ?? "",
      what,
      `${short(figure)} ms`,
      beside,
      `${short(besideFigure)} ms`,
      `${short(ratio)} (${spread.map(short).join("–")})`,
      goal?.text ?? "",
      goal === undefined ? "" : goal.met ? "met" : "missed",
    ]),
  ]);
}

/** Formats rows as a Markdown table. The first row is the header. */
export function columns(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const widths = head.map((_, at) => Math.max(3, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${widths.map((width, at) => (row[at] ?? "").padEnd(width)).join(" | ")} |`;
  return [line(head), `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...body.map(line)].join(
    "\n",
  );
}

/** Formats a number with three significant digits. */
function short(value: number): string {
  if (!Number.isFinite(value)) return "–";
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString("en");
  return String(Number(value.toPrecision(3)));
}
