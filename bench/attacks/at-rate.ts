import { setTimeout as sleep } from "node:timers/promises";

/**
 * Starts `work` at a fixed rate, without waiting for earlier runs. So a stall delays all runs that are due in it.
 *
 * @param work - gets the time at which it was due, on the clock of `performance.now()`
 */
export async function atRate<T>(
  perSecond: number,
  seconds: number,
  work: (dueAt: number) => Promise<T>,
): Promise<T[]> {
  const startedAt = performance.now();
  const begun: Promise<T>[] = [];
  for (let n = 0; n < perSecond * seconds; n++) {
    const dueAt = startedAt + (n * 1_000) / perSecond;
    await sleep(Math.max(0, dueAt - performance.now()));
    begun.push(work(dueAt));
  }
  return await Promise.all(begun);
}
