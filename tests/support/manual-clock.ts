import type { Clock } from "../../dev/livekit/clock.ts";

/** A clock that stands still until a test moves it. */
export interface ManualClock extends Clock {
  /**
   * Moves the clock, and runs on the way what is due.
   *
   * @param settled - resolves once nothing is under way that may set a timer, for example a request
   */
  advance(ms: number, settled: () => Promise<void>): Promise<void>;
}

/** Creates a clock that stands still at the present. */
export function createManualClock(): ManualClock {
  let now = Date.now();
  const timers: { at: number; work: () => unknown }[] = [];
  return {
    now: () => now,
    after(ms, work) {
      timers.push({ at: now + ms, work });
    },
    async advance(ms, settled) {
      const end = now + ms;
      for (;;) {
        await settled();
        // The sort is stable: what was set first runs first.
        timers.sort((a, b) => a.at - b.at);
        const [next] = timers;
        if (next === undefined || next.at > end) break;
        timers.shift();
        now = next.at;
        next.work();
      }
      now = end;
    },
  };
}
