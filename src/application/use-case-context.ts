import type { ReadLimits } from "../domain/application-snapshot.ts";
import type { GraphRateLimit } from "../domain/graph-rate-limit.ts";
import type { Clock } from "../domain/ports.ts";
import type { DecisionRecord } from "./decision-record.ts";

/** What a use case needs to know about the request that it decides for. */
export interface UseCaseContext {
  /** When the request arrived, on the clock of `Clock.elapsed`. */
  readonly arrivedAt: number;
  /** The caller's rate limit for requests to Graph. */
  readonly rateLimit: GraphRateLimit;
  /** Filled in with what the decision is based on. */
  readonly record: DecisionRecord;
}

/** The maximum age of a reading that a denial is based on, in milliseconds before the request arrived. */
const MAX_DENIAL_AGE_MS = 1_000;

/** The earliest `requestedAt` of a reading that a denial may be based on. */
export function denyNotBefore({ arrivedAt }: Pick<UseCaseContext, "arrivedAt">): number {
  return arrivedAt - MAX_DENIAL_AGE_MS;
}

/** The limits of the reads of Graph that begin now, for this caller. */
export function readLimits(
  { clock, graphTimeoutMs }: { readonly clock: Pick<Clock, "elapsed">; readonly graphTimeoutMs: number },
  { rateLimit }: Pick<UseCaseContext, "rateLimit">,
): ReadLimits {
  return { deadline: clock.elapsed() + graphTimeoutMs, rateLimit };
}
