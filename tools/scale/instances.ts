import { instanceSizes } from "./limits.ts";
import type { Load } from "./load.ts";

/** Standard deviations above the mean: less than one moment in 700 has more requests at once. */
const MARGIN = 3;

/** How many requests one instance serves at once. */
function concurrencyOf({ concurrency, memoryMb }: Load): number {
  return concurrency === 0 ? instanceSizes[memoryMb].concurrency : concurrency;
}

/**
 * How many instances so many requests a second take. By Little's law there are rate × duration requests in them on
 * average, and as arrivals are at random their spread is the root of that.
 */
export function instancesFor(load: Load, requestsPerSecond: number): number {
  const atOnce = (requestsPerSecond * load.durationMs) / 1_000;
  const peak = atOnce + MARGIN * Math.sqrt(atOnce);
  return Math.max(1, Math.ceil(peak / concurrencyOf(load)));
}
