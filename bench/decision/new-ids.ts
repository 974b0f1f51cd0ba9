import { alternately, type Measured } from "../measure/alternately.ts";
import { median } from "../measure/figures.ts";
import { columns, short } from "../report/table.ts";
import { loopOf, timed } from "./case.ts";
import { engines } from "./engines.ts";
import { asAsked, situation } from "./situations.ts";

const IDS = 1_024;

/**
 * Decisions a second where each client id is a string that was never looked up. V8 hashes a string when it is first looked
 * up in a map, and keeps the hash: the other cases spare that to all who look ids up, which a scan does not.
 */
export async function newIdsTable(sizes: readonly number[], rounds: number): Promise<string> {
  const rows = [["n", "situation", ...engines.map(({ name }) => name)]];
  for (const n of sizes) {
    const { code, api, clients } = situation("pre_authorized", n);
    const sides: Record<string, Measured> = {};
    for (const engine of engines) {
      const decide = await engine.read(api);
      const decideAll = await loopOf(engine);
      sides[engine.name] = () => {
        const ids = Array.from({ length: IDS }, (_, at) => asAsked(clients[at % clients.length] ?? ""));
        return (IDS * 1_000) / timed(() => decideAll(decide, ids, IDS));
      };
    }
    const figures = await alternately(sides, rounds);
    rows.push([String(n), code, ...engines.map(({ name }) => short(median(figures[name] ?? [])))]);
  }
  return columns(rows);
}
