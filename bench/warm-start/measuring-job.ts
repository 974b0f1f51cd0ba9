import type { Case } from "./cases.ts";

/** What a measuring process does. Its environment has the app's settings. */
export interface Job {
  readonly appDirectory: string;
  /** The folder of the empty app. */
  readonly emptyApp: string;
  readonly caller: string;
  readonly cases: readonly Case[];
  /** How many starts run concurrently; each number is measured. */
  readonly atOnce: readonly number[];
  readonly rounds: number;
  /** The number of starts of each side in a round. */
  readonly batch: number;
  /** The number of starts of each side before the first round. */
  readonly warmUp: number;
}

/** LKPS; the round trips alone; an invocation of the empty app and the same round trips. */
export type Side = "lkps" | "bare" | "function";

/** Milliseconds, by round. */
export interface Latencies {
  readonly p50: number[];
  readonly p99: number[];
}

/** The results of a case. */
export interface Measured {
  readonly name: string;
  readonly atOnce: number;
  readonly sides: Readonly<Record<Side, Latencies>>;
}
