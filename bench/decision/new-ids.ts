import { alternately, type Measured } from "../measure/alternately.ts";
import { loopOf, timed } from "./decision-rate.ts";
import { engines } from "./engines.ts";
import { asAsked, type Situation } from "./situations.ts";

const IDS = 1_024;

/**
 * Measures decisions per second of each engine if each client id is a new string. V8 hashes a string on its first lookup
 * and keeps the hash. In the other cases, engines that look up ids save this time.
 */
export async function withNewIds(
  { api, clients }: Situation,
  rounds: number,
): Promise<Record<string, number[]>> {
  const sides: Record<string, Measured> = {};
  for (const engine of engines) {
    const decide = await engine.read(api);
    const decideAll = await loopOf(engine);
    sides[engine.name] = () => {
      const ids = Array.from({ length: IDS }, (_, at) => asAsked(clients[at % clients.length] ?? ""));
      return (IDS * 1_000) / timed(() => decideAll(decide, ids, IDS));
    };
  }
  return await alternately(sides, rounds);
}
