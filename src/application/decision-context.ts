import type { DecisionRecord } from "../domain/decision-record.ts";
import type { GraphAllowance } from "../domain/graph-allowance.ts";

/** One request for a decision, as a use case sees it. */
export interface DecisionContext {
  /** When the request arrived, on the clock of `Clock.elapsed`. */
  readonly arrivedAt: number;
  /** Pays for what the request reads from Graph: its caller's. */
  readonly allowance: GraphAllowance;
  /** To fill in with what the decision rests on. */
  readonly record: DecisionRecord;
}

/** The oldest that a reading may be when it denies, in milliseconds before the request arrived. */
const MAX_DENIAL_AGE_MS = 1_000;

/** A reading that denies must have been asked for at this time or later. */
export function denyNotBefore({ arrivedAt }: Pick<DecisionContext, "arrivedAt">): number {
  return arrivedAt - MAX_DENIAL_AGE_MS;
}
