import type { Case } from "./cases.ts";

/** What a measuring process has to do, beside its settings, which are the app's own. */
export interface Job {
  readonly appDirectory: string;
  /** An app that does nothing. */
  readonly emptyApp: string;
  readonly caller: string;
  readonly cases: readonly Case[];
  /** How many starts at a time, one after the other. */
  readonly atOnce: readonly number[];
  readonly rounds: number;
  /** How many starts each side makes in a round. */
  readonly batch: number;
  /** How many starts each side makes before anything counts. */
  readonly warmUp: number;
}

/** LKPS; the round trips by the SDKs; the same round trips beside an invocation of an app that does nothing. */
export type Side = "lkps" | "bare" | "function";

/** Of each round, in milliseconds. */
export interface Latencies {
  readonly p50: number[];
  readonly p99: number[];
}

/** What a measuring process tells of a case, once it is measured. */
export interface Measured {
  readonly name: string;
  readonly atOnce: number;
  readonly sides: Readonly<Record<Side, Latencies>>;
}
