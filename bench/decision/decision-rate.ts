import type { Measured } from "../measure/alternately.ts";
import type { decideTimes } from "./decide-times.ts";
import type { Engine } from "./engine.ts";
import type { Situation } from "./situations.ts";

/** How long a case warms up, and how long each round takes. */
export interface Durations {
  readonly warmUpMs: number;
  readonly roundMs: number;
}

/** Measures an engine's decisions per second in a situation, after warming up. */
export async function warmCase(
  engine: Engine,
  { api, clients }: Situation,
  { warmUpMs, roundMs }: Durations,
): Promise<Measured> {
  const decide = await engine.read(api);
  const decideAll = await loopOf(engine);
  let times = clients.length;
  let ms = 0;
  for (let warmMs = 0; warmMs < warmUpMs; warmMs += ms) {
    if (ms > 0) times = Math.max(1, Math.round((times * roundMs) / ms));
    ms = timed(() => decideAll(decide, clients, times));
  }
  return () => (times * 1_000) / timed(() => decideAll(decide, clients, times));
}

/**
 * Loads a copy of the loop for one engine. V8 then compiles it for this engine only, as it does with LKPS's code in
 * production. Calls from a shared loop would take a third longer. The query makes Node load the file again.
 */
export async function loopOf(engine: Engine): Promise<typeof decideTimes> {
  const module = await import(`./decide-times.ts?${encodeURIComponent(engine.name)}`);
  return module.decideTimes;
}

/** Measures milliseconds. */
export function timed(work: () => void): number {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
}
