import type { Clock } from "../../domain/ports.ts";

/** The machine's wall clock, and a monotonic one. */
export const systemClock: Clock = {
  now: () => new Date(),
  elapsed: () => performance.now(),
};
