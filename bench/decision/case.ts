import type { Measured } from "../measure/alternately.ts";
import type { decideTimes } from "./decide-times.ts";
import type { Engine } from "./engine.ts";
import type { Situation } from "./situations.ts";

/** How long a case is run before anything counts, and then in each round. */
export interface Durations {
  readonly warmUpMs: number;
  readonly roundMs: number;
}

/** Decisions a second of that engine in that situation, once it is warm. */
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
 * The loop, compiled for this engine alone, as the service's code is for LKPS. One that all engines went through would call
 * each of them the slow way, a third of LKPS's time again. A query makes another module of the same file.
 */
export async function loopOf(engine: Engine): Promise<typeof decideTimes> {
  const module = await import(`./decide-times.ts?${encodeURIComponent(engine.name)}`);
  return module.decideTimes;
}

/** The milliseconds that it takes. */
export function timed(work: () => void): number {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
}
