/** How thorough a run is, and where it says how far it is. */
export interface Effort {
  /** Few runs: enough to see that the bench works. */
  readonly isShort: boolean;
  readonly progress: (text: string) => void;
}

/** One figure of one thing beside the same figure of another, both measured in the same run. */
export interface Comparison {
  readonly bench?: string;
  readonly what: string;
  readonly beside: string;
  /** Of both figures: `ms`, `1/s`, `bytes`. */
  readonly unit: string;
  /** Medians. */
  readonly figure: number;
  readonly besideFigure: number;
  /** Of the first to the second: the median over the rounds, and their quartiles. */
  readonly ratio: number;
  readonly spread: readonly [low: number, high: number];
  readonly goal?: { readonly text: string; readonly met: boolean } | undefined;
}

/** What a bench found: figures for the one table, and tables or sentences of its own. */
export interface BenchResult {
  readonly comparisons: readonly Comparison[];
  readonly notes: readonly string[];
}

export interface Bench {
  readonly name: string;
  run(effort: Effort): Promise<BenchResult>;
}
