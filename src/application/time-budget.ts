import type { Clock } from "../domain/ports.ts";

/** Runs an operation, which gets the milliseconds that are left and must end within them. */
export type SpendTime = <T>(operation: (leftMs: number) => Promise<T>) => Promise<T>;

/**
 * Time that several operations have in common. It passes while at least one of them runs, no matter how many do, and
 * stands still in between: what is slow elsewhere does not use it up.
 */
export function timeBudget(clock: Pick<Clock, "elapsed">, totalMs: number): SpendTime {
  let leftMs = totalMs;
  let running = 0;
  let runningSince = 0;
  return async (operation) => {
    const now = clock.elapsed();
    if (running++ === 0) runningSince = now;
    try {
      return await operation(Math.max(0, leftMs - (now - runningSince)));
    } finally {
      if (--running === 0) leftMs -= clock.elapsed() - runningSince;
    }
  };
}
