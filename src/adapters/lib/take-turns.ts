import type { ClientId } from "../../domain/client-id.ts";
import { RateLimitError } from "../../domain/graph-reading.ts";
import type { Clock, TakeTurn } from "../../domain/ports.ts";

/** The work for one agent: what is running, and who waits for its end. */
interface Line {
  readonly waiting: PromiseWithResolvers<void>[];
  startedAt: number;
  /** How long the previous work took. */
  lastMs: number;
}

/**
 * Does one work at a time for each agent, in the order of arrival, so that one caller cannot make the instance do expensive
 * work many times in parallel. Agents do not wait for each other.
 *
 * @param maxWaiting - how many may wait for each agent. One more is rejected with a `RateLimitError`, to be retried after
 *   about the time that one work takes
 * @param failsTogether - whether a failure is also that of those who wait: if storage hangs, each of them would wait for its
 *   time limit again
 */
export function takeTurns(
  clock: Pick<Clock, "elapsed">,
  maxWaiting: number,
  failsTogether = false,
): TakeTurn {
  const lines = new Map<ClientId, Line>();
  return async (agent, work) => {
    let line = lines.get(agent);
    if (line === undefined) {
      line = { waiting: [], startedAt: 0, lastMs: 0 };
      lines.set(agent, line);
    } else {
      const { waiting, startedAt, lastMs } = line;
      if (waiting.length >= maxWaiting)
        throw new RateLimitError(Math.max(lastMs, clock.elapsed() - startedAt));
      const turn = Promise.withResolvers<void>();
      waiting.push(turn);
      await turn.promise;
    }
    line.startedAt = clock.elapsed();
    try {
      return await work();
    } catch (error) {
      if (failsTogether) for (const { reject } of line.waiting.splice(0)) reject(error);
      throw error;
    } finally {
      line.lastMs = clock.elapsed() - line.startedAt;
      const next = line.waiting.shift();
      // The next one takes over the line, so that nobody who comes in between can overtake it.
      if (next === undefined) lines.delete(agent);
      else next.resolve();
    }
  };
}
