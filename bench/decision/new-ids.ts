import { alternately, type Measured } from "../measure/alternately.ts";
import { loopOf, timed } from "./case.ts";
import { engines } from "./engines.ts";
import { asAsked, type Situation } from "./situations.ts";

const IDS = 1_024;

/**
 * Decisions a second of each engine where each client id is a string that was never looked up. V8 hashes a string when it is first looked
 * up in a map, and keeps the hash: the other cases spare that to all who look ids up, which a scan does not.
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
