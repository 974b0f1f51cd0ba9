import type { Comparison } from "../bench-types.ts";

/** The `q` quantile, interpolated between neighbors. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const low = sorted[Math.floor(at)] ?? Number.NaN;
  const high = sorted[Math.ceil(at)] ?? Number.NaN;
  return low + (high - low) * (at - Math.floor(at));
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/**
 * Compares two figures by the median of the ratios of each round. On a machine whose speed varies, the ratio of two
 * figures that were measured one after the other is more reliable than two medians.
 *
 * @param atMost - the goal for the ratio, if there is one
 */
export function compare(
  names: { readonly what: string; readonly beside: string },
  figures: readonly number[],
  besideFigures: readonly number[],
  atMost?: number,
): Comparison {
  const ratios = figures.map((figure, round) => figure / (besideFigures[round] ?? Number.NaN));
  const ratio = median(ratios);
  return {
    ...names,
    figure: median(figures),
    besideFigure: median(besideFigures),
    ratio,
    spread: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
    ...(atMost !== undefined && { goal: { text: `≤ ${atMost}`, met: ratio <= atMost } }),
  };
}
