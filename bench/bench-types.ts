/** How thorough a run is, and where it reports progress. */
export interface Effort {
  /** Few runs: enough to see that the bench works. */
  readonly isShort: boolean;
  readonly progress: (text: string) => void;
}

/** A figure of LKPS and the same figure of something else, both measured in the same run. */
export interface Comparison {
  readonly bench?: string;
  readonly what: string;
  readonly beside: string;
  /** In milliseconds: medians over the rounds. */
  readonly figure: number;
  readonly besideFigure: number;
  /** The first divided by the second: the median over the rounds, and its quartiles. */
  readonly ratio: number;
  readonly spread: readonly [low: number, high: number];
  readonly goal?: { readonly text: string; readonly met: boolean } | undefined;
}

/** A bench's results: figures for the common table, and tables or sentences of its own. */
export interface BenchResult {
  readonly comparisons: readonly Comparison[];
  readonly notes: readonly string[];
}

export interface Bench {
  readonly name: string;
  run(effort: Effort): Promise<BenchResult>;
}
